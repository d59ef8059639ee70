"""Keepers: places outside every database and backup that hold the generation secret and can forget it.

The file keeper: one file a generation under a passphrase. Best effort: a file system may keep old blocks, and
certificates say so. A file is written whole or not at all, and never over an existing one.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from django.utils.translation.trans_null import gettext_noop

from midan.core import passphrase as sealed_file
from midan.core.passphrase import KeyFileDamaged
from midan.vault.errors import KeeperUnreachable, VaultLocked
from midan.vault.keyd.shelf import HOW, Shelf
from midan.vault.keyd.wrapping import Generation

FILE_NAME: Final = "keeper-file.key"
LABEL: Final = "generation"
_NAME: Final = re.compile(r"keeper-file(?:\.([1-9][0-9]{0,9}))?\.key", re.ASCII)
_SALT, _NONCE = 16, 12


class Keeper(Protocol):
    """One keeper. Every method raises KeeperUnreachable when its place does not answer."""

    name: str
    kind: str
    best_effort: bool
    packs: Shelf
    places: tuple[Path, ...]

    def held(self) -> tuple[int, ...]:
        """Return the generations it holds, ascending; needs no passphrase."""

    def read(self, number: int) -> Generation:
        """Return one; VaultLocked when it is not there, WrongPassphrase, KeyFileDamaged."""

    def create(self, generation: Generation) -> None:
        """Take a generation, durably; FileExistsError when it holds one of this number."""

    def erase(self, number: int) -> str:
        """Forget a generation and return how, in one word."""


class FileKeeper:
    """Files in a folder; `passphrase` is asked for only when one is opened or made."""

    kind = "file"
    best_effort = True

    def __init__(self, folder: Path, passphrase: Callable[[], bytes], name: str = "file") -> None:
        self.name = name
        self.places: tuple[Path, ...] = (folder,)
        self.packs = Shelf(folder / "packs", name)
        self._shelf = Shelf(folder, name)
        self._passphrase = passphrase

    def held(self) -> tuple[int, ...]:
        """Return the generations there are files of. The first one's has no number in its name."""
        if self.name != self.kind and not self._shelf.folder.is_dir():
            raise KeeperUnreachable(
                self.name, "ENOENT"
            )  # a host or a stick that is away, not an empty keeper
        found = map(_NAME.fullmatch, self._shelf.names())
        return tuple(sorted(int(match[1] or 1) for match in found if match))

    def read(self, number: int = 0) -> Generation:
        """Return the generation of this number, or the newest."""
        wanted = number or max(self.held(), default=1)
        try:
            blob = self._shelf.get(_file_name(wanted))
        except KeeperUnreachable as error:
            raise VaultLocked(gettext_noop("无法读取密钥文件，保险库已锁定")) from error
        generation = Generation.from_bytes(sealed_file.unseal(self._passphrase(), blob, label=LABEL))
        if generation.number != wanted:
            raise KeyFileDamaged("密钥文件与其名称不符，可能被替换", label=LABEL)
        return generation

    def create(self, generation: Generation) -> None:
        """Write the file, durably and atomically, mode 0600."""
        blob = sealed_file.seal(
            self._passphrase(),
            generation.to_bytes(),
            label=LABEL,
            salt=os.urandom(_SALT),
            nonce=os.urandom(_NONCE),
        )
        self._shelf.add(_file_name(generation.number), blob)

    def erase(self, number: int) -> str:
        """Overwrite and remove the file."""
        self._shelf.shred(_file_name(number))
        return HOW


def _file_name(number: int) -> str:
    return FILE_NAME if number == 1 else f"keeper-file.{number}.key"
