"""macOS: sw_vers, the history of installations, FileVault, XProtect behind Gatekeeper, the screen lock, the firewall."""

import re
from datetime import date
from typing import Any, Final

from midan.agent.programs import Ask, Said, text_of
from midan.agent.reading import day_of, days_since, found_json, locks, short, switch
from midan.core.devicereport import Facts, Switch, System

_HISTORY: Final = ("system_profiler", "SPInstallHistoryDataType", "-json")
_FIREWALL: Final = ("/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate")
_VIRUS_DATA: Final = "XProtect"
_DELAY: Final = re.compile(r"screenLock delay is (immediate|(\d+) seconds)")


def read(ask: Ask, *, today: date, agent: str, agent_days: int | None) -> Facts:
    """Return what this macOS says of itself."""
    history = text_of(ask(_HISTORY))
    name, version = system(text_of(ask(("sw_vers",))))
    return Facts(
        system=System.MACOS,
        name=short(name),
        version=short(version),
        patch_days=days_since(patched(history), today),
        disk=filevault(text_of(ask(("fdesetup", "status")))),
        antivirus=watching(text_of(ask(("spctl", "--status")))),
        antivirus_days=days_since(virus_data(history), today),
        screen_lock=screen_lock(
            ask(("sysadminctl", "-screenLock", "status")),
            text_of(ask(("defaults", "-currentHost", "read", "com.apple.screensaver", "idleTime"))),
        ),
        firewall=firewall(text_of(ask(_FIREWALL))),
        agent=agent,
        agent_days=agent_days,
    )


def system(text: str | None) -> tuple[str, str]:
    """Return product name and version of sw_vers."""
    said = {
        name.strip(): value.strip()
        for name, _, value in (line.partition(":") for line in (text or "").splitlines())
    }
    return said.get("ProductName", ""), said.get("ProductVersion", "")


def patched(history: str | None) -> date | None:
    """Return the day Apple's newest update of the system came; virus data alone is none."""
    return max(
        (day for name, day in _installed(history) if name.startswith("macOS") or "Security Response" in name),
        default=None,
    )


def virus_data(history: str | None) -> date | None:
    """Return the day XProtect's newest data came."""
    return max((day for name, day in _installed(history) if name.startswith(_VIRUS_DATA)), default=None)


def _installed(history: str | None) -> list[tuple[str, date]]:
    found: Any = found_json(history)
    rows = found.get("SPInstallHistoryDataType") if isinstance(found, dict) else None
    dated = [
        (str(row.get("_name", "")), day_of(str(row.get("install_date", ""))[:10], "%Y-%m-%d"))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("package_source") == "package_source_apple"
    ]
    return [(name, day) for name, day in dated if day is not None]


def filevault(text: str | None) -> Switch:
    """Return whether FileVault is on; while it still encrypts it does not protect yet."""
    said = (text or "").strip()
    if said.startswith("FileVault is On"):
        return switch("in progress" not in said)
    return Switch.OFF if said.startswith("FileVault is Off") else Switch.UNKNOWN


def watching(text: str | None) -> Switch:
    """Return whether Gatekeeper looks at programs, which is when XProtect does."""
    return switch({"assessments enabled": True, "assessments disabled": False}.get((text or "").strip()))


def screen_lock(said: Said | None, idle: str | None) -> Switch:
    """Return whether a screen left alone asks for the password soon enough: the saver's wait and the lock's delay."""
    text = "" if said is None or said.code else said.text
    if "screenLock is off" in text:
        return Switch.OFF
    delay, wait = _DELAY.search(text), (idle or "").strip()
    if delay is None or not (wait.isascii() and wait.isdigit()):
        return Switch.UNKNOWN
    return switch(int(wait) > 0 and locks(int(wait) + int(delay[2] or 0)))


def firewall(text: str | None) -> Switch:
    """Return whether the application firewall is on: state 1, or 2 for blocking everything."""
    found = re.search(r"\(State = (\d)\)", text or "")
    return switch(None if found is None else found[1] in {"1", "2"})
