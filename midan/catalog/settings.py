"""What an installation may choose, typed and frozen; everything wrong is named together, before anything starts."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal, cast
from urllib.parse import parse_qs, quote, urlsplit

from midan.catalog import looking, signin
from midan.core.errors import MidanError

Language = Literal["zh-hans", "en"]
_LANGUAGES: Mapping[str, Language] = {"zh": "zh-hans", "zh-hans": "zh-hans", "zh-cn": "zh-hans", "en": "en"}
_DATABASE_SCHEMES = ("sqlite://", "postgres://", "postgresql://")
_KEEPERS = "file | file:/FOLDER | split:/FOLDER-A:/FOLDER-B | token:/CONFIG.toml"
_OWNERS_ALONE = "mode 0600, not empty"
_MOST_KEEPERS = 3
_KEYD = ("auto", "served")
# Which process this is decides as whom it speaks to the database; a command is none of them and speaks as the owner.
PROCESSES = ("web", "keyd", "jobs")
_NAMES = (
    "MIDAN_BACKUP_DAYS",
    "MIDAN_BACKUP_FULL_DAYS",
    "MIDAN_BACKUP_KEEP_DAYS",
    "MIDAN_BACKUP_TO",
    "MIDAN_BASE_URL",
    "MIDAN_DATABASE_PASSWORD_FILE",
    "MIDAN_DATABASE_ROLES",
    "MIDAN_DATABASE_URL",
    "MIDAN_DEVICE_REPORT_DAYS",
    "MIDAN_DRILL_DAYS",
    "MIDAN_HOME",
    "MIDAN_KEEPERS",
    "MIDAN_KEYD",
    "MIDAN_KEYD_OPENINGS",
    "MIDAN_LANG",
    "MIDAN_PASSPHRASE_FILE",
    "MIDAN_PROCESS",
    "MIDAN_SECRET_KEY_FILE",
    "MIDAN_SOCKET",
    "MIDAN_TRUSTED_PROXIES",
    "HOME",
    *looking.NAMES,
    *signin.NAMES,
)
_MOST_OPENINGS = 10_000_000
_MOST_DAYS = 3_650
# Days for which a computer's report counts at most: older than a month it says nothing of today.
_LATEST_REPORT = 31
# Each whole number: its default, the least and the most. Backups: days between two, between full ones, of life.
_NUMBERS = {
    "MIDAN_KEYD_OPENINGS": ("1200", 1, _MOST_OPENINGS),
    "MIDAN_TRUSTED_PROXIES": ("0", 0, 8),
    "MIDAN_BACKUP_DAYS": ("1", 1, _MOST_DAYS),
    "MIDAN_BACKUP_FULL_DAYS": ("7", 1, _MOST_DAYS),
    "MIDAN_BACKUP_KEEP_DAYS": ("35", 1, _MOST_DAYS),
    "MIDAN_DRILL_DAYS": ("7", 1, _MOST_DAYS),
    **looking.NUMBERS,
    "MIDAN_DEVICE_REPORT_DAYS": ("7", 1, _LATEST_REPORT),
    **signin.NUMBERS,
}


class SettingsRefused(MidanError):
    """The environment asks for something impossible; `details` maps each variable to what is wrong with it."""

    code: ClassVar[str] = "settings_refused"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 4


class PassphraseUnreadable(MidanError):
    """The passphrase file is missing, empty or readable by others."""

    code: ClassVar[str] = "passphrase_unreadable"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation. Secrets are named by file, never by value; `database_url` has the password of its file."""

    home: Path
    database_url: str = field(repr=False)
    database_roles: Path
    process: str
    keepers: tuple[str, ...]
    passphrase_file: Path
    secret_key_file: Path
    lang: Language
    base_url: str
    keyd_served: bool
    openings_per_minute: int
    trusted_proxies: int
    socket: Path | None
    backup_to: Path | None
    backup_days: int
    backup_full_days: int
    backup_keep_days: int
    drill_days: int
    device_report_days: int
    sign_in: signin.SignIn
    looking: looking.Looking

    @property
    def keys(self) -> Path:
        """Return the folder of sealed key files (mode 0700)."""
        return self.home / "keys"

    @property
    def keyd_socket(self) -> Path:
        """Return the socket at which the key process answers."""
        return self.home / "run" / "keyd.sock"

    @property
    def tiles(self) -> Path:
        """Return the folder of the log's tiles."""
        return self.home / "tiles"

    @property
    def media(self) -> Path:
        """Return the folder of files made for people."""
        return self.home / "media"

    def passphrase(self) -> bytes:
        """Return the keeper's passphrase; raise PassphraseUnreadable when others could have read it."""
        path = self.passphrase_file
        try:
            secret, mode = _secret_of(path)
        except OSError as error:
            raise PassphraseUnreadable("无法读取口令文件，请先运行 midan init", path=str(path)) from error
        if mode & 0o077:
            raise PassphraseUnreadable("口令文件可被他人读取，请改为 0600", path=str(path), mode=oct(mode))
        if not secret:
            raise PassphraseUnreadable("口令文件是空的", path=str(path))
        return secret


def language(environ: Mapping[str, str]) -> Language:
    """Return the language to speak, also where the settings are wrong otherwise."""
    return _LANGUAGES.get((environ.get("MIDAN_LANG") or "zh").lower(), "zh-hans")


def load(environ: Mapping[str, str]) -> Settings:
    """Return the settings in `environ`; raise SettingsRefused naming every variable that is wrong."""
    home = Path(environ.get("MIDAN_HOME") or "var").expanduser().resolve()
    keepers = tuple(word.strip() for word in (environ.get("MIDAN_KEEPERS") or "file").split(","))
    lang = _LANGUAGES.get((environ.get("MIDAN_LANG") or "zh").lower())
    base_url = environ.get("MIDAN_BASE_URL") or "http://localhost:8000"
    keyd, process = environ.get("MIDAN_KEYD") or "auto", environ.get("MIDAN_PROCESS") or ""
    numbers = {name: environ.get(name) or default for name, (default, _, _) in _NUMBERS.items()}
    wrong = _wrong_words({"MIDAN_KEYD": (keyd, _KEYD), "MIDAN_PROCESS": (process, ("", *PROCESSES))})
    wrong |= _wrong_numbers(numbers) | signin.wrong_names(environ, base_url) | looking.wrong_names(environ)
    wrong |= _wrong_places(environ.get("MIDAN_SOCKET") or "", base_url, numbers)
    database_url = _database_url(environ, home, wrong)
    wrong |= {} if _are_keepers(keepers) else {"MIDAN_KEEPERS": _KEEPERS}
    if lang is None:
        wrong["MIDAN_LANG"] = "zh | en"
    roles = Path(environ.get("MIDAN_DATABASE_ROLES") or home / "keys" / "roles").expanduser()
    own_url = _as_whom(database_url, roles, process, wrong)
    if wrong:
        raise SettingsRefused("配置有误：%(variables)s", variables=", ".join(sorted(wrong)), wrong=wrong)
    return Settings(
        home=home,
        database_url=own_url,
        database_roles=roles,
        process=process,
        keepers=keepers,
        passphrase_file=Path(environ.get("MIDAN_PASSPHRASE_FILE") or home / "keys" / "passphrase"),
        secret_key_file=Path(environ.get("MIDAN_SECRET_KEY_FILE") or home / "keys" / "django.key"),
        lang=cast("Language", lang),
        base_url=base_url.rstrip("/"),
        keyd_served=keyd == "served",
        openings_per_minute=int(numbers["MIDAN_KEYD_OPENINGS"]),
        trusted_proxies=int(numbers["MIDAN_TRUSTED_PROXIES"]),
        socket=Path(at).expanduser() if (at := environ.get("MIDAN_SOCKET")) else None,
        backup_to=Path(to).expanduser().resolve() if (to := environ.get("MIDAN_BACKUP_TO")) else None,
        backup_days=int(numbers["MIDAN_BACKUP_DAYS"]),
        backup_full_days=int(numbers["MIDAN_BACKUP_FULL_DAYS"]),
        backup_keep_days=int(numbers["MIDAN_BACKUP_KEEP_DAYS"]),
        drill_days=int(numbers["MIDAN_DRILL_DAYS"]),
        device_report_days=int(numbers["MIDAN_DEVICE_REPORT_DAYS"]),
        sign_in=signin.sign_in(environ, numbers, base_url),
        looking=looking.looking(environ, numbers),
    )


def _wrong_words(chosen: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return each variable whose word is none of the known ones, with those."""
    return {
        name: " | ".join(filter(None, known)) for name, (word, known) in chosen.items() if word not in known
    }


def _wrong_numbers(numbers: Mapping[str, str]) -> dict[str, str]:
    """Return each number that is none, or out of its range, with that range."""
    ranges = {name: (least, most) for name, (_, least, most) in _NUMBERS.items()}
    return {
        name: f"{least} … {most}"
        for name, (least, most) in ranges.items()
        if not _is_number(numbers[name], least=least, most=most)
    }


def _as_whom(url: str, roles: Path, process: str, wrong: dict[str, str]) -> str:
    """Return the address under which this process speaks to the database: its role's own, where it has one.

    A place on SQLite never takes another's: the restore drill's sandbox shares the keys of its home.
    """
    own = roles / f"{process}.url"
    if not process or url.startswith("sqlite:"):
        return url
    try:
        return own.read_text("utf-8").strip()
    except FileNotFoundError:
        return url
    except (OSError, UnicodeDecodeError):
        wrong["MIDAN_DATABASE_ROLES"] = str(own)
        return url


def _database_url(environ: Mapping[str, str], home: Path, wrong: dict[str, str]) -> str:
    """Return the address of the database with the password of its file, which no address in an environment has."""
    url = environ.get("MIDAN_DATABASE_URL") or f"sqlite:///{home / 'data.db'}"
    file = environ.get("MIDAN_DATABASE_PASSWORD_FILE")
    if not url.startswith(_DATABASE_SCHEMES):
        wrong["MIDAN_DATABASE_URL"] = "sqlite:///… | postgresql://…"
        return url
    parts = urlsplit(url)
    if parts.password or "password" in parse_qs(parts.query):
        wrong["MIDAN_DATABASE_URL"] = "postgresql://USER@HOST:PORT/NAME + MIDAN_DATABASE_PASSWORD_FILE"
    elif file and parts.scheme != "sqlite":
        try:
            secret, mode = _secret_of(Path(file).expanduser())
            password = quote(secret.decode(), safe="")
        except (OSError, UnicodeDecodeError):
            password, mode = "", 0
        if mode & 0o077 or not password:
            wrong["MIDAN_DATABASE_PASSWORD_FILE"] = _OWNERS_ALONE
        user, _, place = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{user.rstrip(':')}:{password}@{place}").geturl()
    return url


def _secret_of(path: Path) -> tuple[bytes, int]:
    """Return what a file says, without the blanks around it, and its mode; OSError."""
    return path.read_bytes().strip(), stat.S_IMODE(path.stat().st_mode)


def _are_keepers(words: Sequence[str]) -> bool:
    return 0 < len(set(words)) == len(words) <= _MOST_KEEPERS and all(map(_is_keeper, words))


def _is_keeper(word: str) -> bool:
    """Return whether a keeper is named in full: its places are absolute, so that no other folder is ever meant."""
    kind, *places = word.split(":")
    wanted = {"file": (0, 1), "split": (2,), "token": (1,)}.get(kind, ())
    whole = all(place.startswith("/") and len(place) > 1 for place in places)
    return len(places) in wanted and whole and len(set(places)) == len(places)


def _wrong_places(path: str, base_url: str, numbers: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the address people use, and with the socket a proxy asks at ('' for a port)."""
    wrong = {}
    if not base_url.startswith(("http://", "https://")):
        wrong["MIDAN_BASE_URL"] = "http://… | https://…"
    # unix(7): 108 bytes with the end, and room for what a home's own folder adds.
    fits = path.startswith("/") and len(path.encode()) <= 100
    # A proxy with HTTPS that says who asks: without either nothing it says could be believed.
    if path and not (fits and base_url.startswith("https://") and numbers["MIDAN_TRUSTED_PROXIES"] != "0"):
        wrong["MIDAN_SOCKET"] = "/PATH (≤ 100), MIDAN_BASE_URL=https://…, MIDAN_TRUSTED_PROXIES ≥ 1"
    return wrong


def _is_number(text: str, *, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most


def current() -> Settings:
    """Return the settings of this process; a changed environment counts from the next call on."""
    return _load(Path.cwd(), tuple((name, os.environ[name]) for name in _NAMES if name in os.environ))


@lru_cache(maxsize=4)
def _load(_cwd: Path, named: tuple[tuple[str, str], ...]) -> Settings:
    # The working directory is part of what is asked: a home may be given relative to it.
    return load(dict(named))
