"""The device's key and how far its reports have counted: one file of the person's own (mode 0600).

JSON: `server`, `device` (32 hex digits), `private` (64 hex digits of the SM2 key), `counter` (the last one used).
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from midan.agent.errors import AlreadyEnrolled, KeyUnsafe, NotEnrolled
from midan.core.sm import SigningKey

NAME: Final = "device.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the file holds. Not printed: it has a key."""

    server: str
    device: str
    key: SigningKey
    counter: int


def folder() -> Path:
    """Return where the agent of this person keeps its file."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Midan"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Midan"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "midan"


def require_none(place: Path) -> None:
    """Raise AlreadyEnrolled when there is a key."""
    if (place / NAME).exists():
        raise AlreadyEnrolled("这里已有设备密钥；换服务器或重新登记前请先把它移走")


def keep(place: Path, held: Held) -> None:
    """Write the file whole, its person's alone, and be sure it is on the disk before anybody hears of the counter."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = {
        "server": held.server,
        "device": held.device,
        "private": held.key.to_bytes().hex(),
        "counter": held.counter,
    }
    path, draft = place / NAME, place / f"{NAME}.new"
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(whole, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read(place: Path) -> Held:
    """Return what the file holds; NotEnrolled, KeyUnsafe."""
    path = place / NAME
    try:
        mode, raw = path.stat().st_mode, path.read_bytes()
    except FileNotFoundError:
        raise NotEnrolled("这台电脑还没有登记：先运行 midan device enroll") from None
    except OSError:
        raise KeyUnsafe("设备密钥文件无法读取") from None
    if os.name == "posix" and mode & 0o077:
        raise KeyUnsafe("设备密钥文件可被他人读取，请改为 0600")
    try:
        whole = json.loads(raw)
        key = SigningKey.from_bytes(bytes.fromhex(whole["private"]))
        return Held(
            server=str(whole["server"]), device=str(whole["device"]), key=key, counter=int(whole["counter"])
        )
    except (ValueError, KeyError, TypeError):
        raise KeyUnsafe("设备密钥文件已损坏") from None
