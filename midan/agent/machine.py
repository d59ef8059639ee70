"""The machine this runs on: which system, how old the agent is, and its facts now."""

import platform
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from midan.agent import linux, macos, windows
from midan.agent.errors import SystemUnsupported
from midan.agent.programs import Ask, ask
from midan.agent.reading import days_since
from midan.core.devicereport import Facts, System

_SYSTEMS: Final = {"Linux": System.LINUX, "Windows": System.WINDOWS, "Darwin": System.MACOS}


def system() -> System:
    """Return which system this is; SystemUnsupported."""
    try:
        return _SYSTEMS[platform.system()]
    except KeyError:
        raise SystemUnsupported("只支持 Linux、Windows 和 macOS") from None


def facts(now: datetime, *, asking: Ask = ask, root: Path = Path("/")) -> Facts:
    """Return what the machine says of itself at this moment."""
    today = now.astimezone(UTC).date()
    number, age = agent_version(), days_since(_installed(), today)
    match system():
        case System.LINUX:
            return linux.read(asking, root, today=today, agent=number, agent_days=age)
        case System.WINDOWS:
            return windows.read(asking, today=today, agent=number, agent_days=age)
        case System.MACOS:
            return macos.read(asking, today=today, agent=number, agent_days=age)


def agent_version() -> str:
    """Return the version of the package the agent is part of; empty when it is not installed as one."""
    try:
        return version("midan")
    except PackageNotFoundError:
        return ""


def _installed() -> date | None:
    """Return the day the agent's own files were written here: an agent nobody renews knows nothing new."""
    try:
        return datetime.fromtimestamp(Path(__file__).stat().st_mtime, tz=UTC).date()
    except OSError:
        return None
