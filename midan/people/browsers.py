"""What a browser says of itself, as far as it matters: which device a session lives on (T3).

The name of a browser is no proof: whoever steals a cookie can copy it too. It costs a thief who does not know it
the session, and tells the person in which of their devices they are signed in.
"""

from dataclasses import dataclass
from typing import Final

# The first that is named: each of these also names those after it.
_BROWSERS: Final = (
    ("MicroMessenger", "wechat"),
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("Firefox/", "firefox"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "harmony"),
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Windows", "windows"),
    ("Mac OS X", "macos"),
    ("Linux", "linux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """`kind` is the class of device: phone, tablet or desk."""

    name: str
    system: str
    kind: str


def browser_of(agent: str) -> Browser:
    """Return what the header User-Agent says; what is not known is 'other', and a device without a sign a desk."""
    system = next((word for sign, word in _SYSTEMS if sign in agent), "other")
    name = next((word for sign, word in _BROWSERS if sign in agent), "other")
    small = "Mobi" in agent or "iPhone" in agent
    tablet = "iPad" in agent or (system == "android" and not small)
    return Browser(name=name, system=system, kind="tablet" if tablet else "phone" if small else "desk")
