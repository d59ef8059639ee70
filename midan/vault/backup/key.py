"""The backup key: 32 random bytes in a file of its own under the passphrase, and a copy on paper for a safe.

It opens the rows of a set. It opens no part: that takes a keeper.
"""

import os
import re
from pathlib import Path
from typing import Final

from midan.audit.tiles import write_durably
from midan.catalog.settings import current
from midan.core import passphrase as sealed_file
from midan.core.sm import sm3
from midan.vault.backup.errors import BackupKeyMissing, BackupPlaceRefused, EscrowUnreadable
from midan.vault.backup.format import KEY_BYTES

FILE_NAME: Final = "backup.key"
LABEL: Final = "backup"
_ESCROW: Final = "midan-backup-key/1"
_SUM_BYTES: Final = 2
_ROW_BYTES: Final = 8
_ROW: Final = re.compile(r"([1-4])  ((?:[0-9a-f]{4} ){4}) ([0-9a-f]{4})", re.ASCII)


def path() -> Path:
    """Return where the key file lies."""
    return current().keys / FILE_NAME


def read() -> bytes:
    """Return the key; BackupKeyMissing, WrongPassphrase, KeyFileDamaged."""
    try:
        blob = path().read_bytes()
    except OSError as error:
        raise BackupKeyMissing from error
    return sealed_file.unseal(current().passphrase(), blob, label=LABEL)


def create(key: bytes | None = None) -> bytes:
    """Write a fresh key, or one from escrow, sealed under the passphrase, and return it. Never over an existing file."""
    key = key or os.urandom(KEY_BYTES)
    blob = sealed_file.seal(
        current().passphrase(), key, label=LABEL, salt=os.urandom(16), nonce=os.urandom(12)
    )
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path().exists():
        write_durably(path(), blob, mode=0o600)
    return read()


def escrow_text(key: bytes, company: str) -> str:
    """Return the copy for a safe: four numbered rows, each with a sum that finds a slip of the pen."""
    rows = [
        _escrow_row(number, key[start : start + _ROW_BYTES])
        for number, start in enumerate(range(0, KEY_BYTES, _ROW_BYTES), start=1)
    ]
    return "\n".join((_ESCROW, f"company {company}", *rows)) + "\n"


def _escrow_row(number: int, part: bytes) -> str:
    text = part.hex()
    groups = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return f"{number}  {groups}  {_sum(number, part)}"


def _sum(number: int, part: bytes) -> str:
    return sm3(_ESCROW.encode() + bytes([number]) + part)[:_SUM_BYTES].hex()


def read_escrow(text: str) -> bytes:
    """Return the key of an escrow copy; EscrowUnreadable names no row: it is secret."""
    parts: dict[int, bytes] = {}
    for line in text.lower().splitlines():
        found = _ROW.fullmatch(line.strip())
        if found:
            number, part = int(found[1]), bytes.fromhex(found[2])
            if _sum(number, part) != found[3]:
                raise EscrowUnreadable
            parts[number] = part
    key = b"".join(parts[number] for number in sorted(parts))
    if len(key) != KEY_BYTES:
        raise EscrowUnreadable
    return key


def write_escrow(file: Path, key: bytes, company: str) -> None:
    """Write the copy, for its owner only; BackupPlaceRefused rather than over a file that is there."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupPlaceRefused("unwritable") from error
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(escrow_text(key, company))
        out.flush()
        os.fsync(out.fileno())
