"""What an installation may choose about sign-in, with what each choice rests on.

等保 (GB/T 22239-2019, level 3) 8.1.4.1 a asks for complexity and for a change "at intervals" and gives no number;
b asks for a limit on failures and an end of idle connections, again without numbers: five tries, five minutes and
ten idle minutes are what assessors look for. NIST SP 800-63B-4 section 3.1.1.2 forbids a change that time alone forces,
because it makes passwords worse; so none is forced unless the company says otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

NAMES: Final = (
    "MIDAN_IDLE_MINUTES",
    "MIDAN_PASSKEY_DOMAIN",
    "MIDAN_PASSKEY_POSTS",
    "MIDAN_PASSWORD_DAYS",
    "MIDAN_SESSION_HOURS",
)
# Each whole number: its default, the least and the most. A password that may grow old for ever is 0 days.
NUMBERS: Final[Mapping[str, tuple[str, int, int]]] = {
    "MIDAN_IDLE_MINUTES": ("10", 1, 30),
    "MIDAN_PASSWORD_DAYS": ("0", 0, 3_650),
    "MIDAN_SESSION_HOURS": ("12", 1, 24),
}
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_POST: Final = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """`passkey_domain` is WebAuthn's relying-party id; `passkey_posts` are role slugs whom a code does not do."""

    passkey_domain: str
    passkey_posts: frozenset[str]
    password_days: int
    idle_minutes: int
    session_hours: int


def sign_in(environ: Mapping[str, str], numbers: Mapping[str, str], base_url: str) -> SignIn:
    """Return what was chosen; `numbers` were checked before, `wrong_names` names what else is wrong."""
    host = urlsplit(base_url).hostname or ""
    posts = (word.strip() for word in (environ.get("MIDAN_PASSKEY_POSTS") or "").split(","))
    return SignIn(
        passkey_domain=environ.get("MIDAN_PASSKEY_DOMAIN") or host,
        passkey_posts=frozenset(filter(None, posts)),
        password_days=int(numbers["MIDAN_PASSWORD_DAYS"]),
        idle_minutes=int(numbers["MIDAN_IDLE_MINUTES"]),
        session_hours=int(numbers["MIDAN_SESSION_HOURS"]),
    )


def wrong_names(environ: Mapping[str, str], base_url: str) -> dict[str, str]:
    """Return each name that is none, with what it may be: a passkey serves its domain and what lies under it."""
    wrong = {}
    domain, host = environ.get("MIDAN_PASSKEY_DOMAIN") or "", urlsplit(base_url).hostname or ""
    if domain and not (_DOMAIN.fullmatch(domain) and (host == domain or host.endswith(f".{domain}"))):
        wrong["MIDAN_PASSKEY_DOMAIN"] = f"{host} | …"
    posts = [word.strip() for word in (environ.get("MIDAN_PASSKEY_POSTS") or "").split(",")]
    if not all(_POST.fullmatch(word) for word in filter(None, posts)):
        wrong["MIDAN_PASSKEY_POSTS"] = "privacy_officer,analyst,…"
    return wrong
