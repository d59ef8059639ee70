"""The split keeper: a generation opens only with two files that lie on two hosts. Formats: specs/key-pack.md.

Both halves are drawn anew for every generation, so that an old copy of one of them opens nothing. Erasing is as good
as the better of the two hosts: one half truly gone is enough.
"""

import os
import re
import struct
from pathlib import Path
from typing import Final

from django.utils.translation.trans_null import gettext_noop

from midan.core import sm
from midan.core.passphrase import KeyFileDamaged
from midan.vault.errors import KeeperUnreachable, VaultLocked
from midan.vault.keyd.shelf import HOW, Shelf
from midan.vault.keyd.wrapping import Generation

_FILE: Final = re.compile(r"split-([1-9][0-9]{0,9})\.(?:half|key)", re.ASCII)
_HALF: Final = 32
_HEAD: Final = struct.Struct(">BI")
_NUMBER: Final = struct.Struct(">I")
_LABEL: Final = b"midan/split/1"


class SplitKeeper:
    """Folder a holds a half and the sealed generation, folder b the other half."""

    kind = "split"
    best_effort = True

    def __init__(self, folder_a: Path, folder_b: Path, name: str) -> None:
        self.name = name
        self.places: tuple[Path, ...] = (folder_a, folder_b)
        self.packs = Shelf(folder_a / "packs", name)
        self._a, self._b = Shelf(folder_a, name), Shelf(folder_b, name)

    def held(self) -> tuple[int, ...]:
        """Return every generation of which any file is left on either host."""
        found = map(_FILE.fullmatch, (*self._names(self._a), *self._names(self._b)))
        return tuple(sorted({int(match[1]) for match in found if match}))

    def _names(self, shelf: Shelf) -> tuple[str, ...]:
        if not shelf.folder.is_dir():
            raise KeeperUnreachable(self.name, "ENOENT")
        return shelf.names()

    def read(self, number: int) -> Generation:
        """Return the generation both halves open."""
        try:
            blob = self._a.get(f"split-{number}.key")
            half_a, half_b = self._a.get(f"split-{number}.half"), self._b.get(f"split-{number}.half")
        except KeeperUnreachable as error:
            raise VaultLocked(gettext_noop("无法读取密钥文件，保险库已锁定")) from error
        head, nonce, sealed = (
            blob[: _HEAD.size],
            blob[_HEAD.size :][: sm.NONCE_BYTES],
            blob[_HEAD.size + 12 :],
        )
        whole = len(nonce) == sm.NONCE_BYTES and len(half_a) == len(half_b) == _HALF
        if head != _HEAD.pack(1, number) or not whole:
            raise KeyFileDamaged("密钥文件已损坏或不完整", label="split")
        try:
            plain = sm.open_(_key(half_a, half_b, number), nonce, sealed, _LABEL + head)
        except sm.Tampered:
            raise KeyFileDamaged("两半密钥与密钥文件不符", label="split") from None
        generation = Generation.from_bytes(plain)
        if generation.number != number:
            raise KeyFileDamaged("密钥文件与其名称不符，可能被替换", label="split")
        return generation

    def create(self, generation: Generation) -> None:
        """Write two fresh halves, then what they open."""
        number = generation.number
        half_a, half_b, nonce = os.urandom(_HALF), os.urandom(_HALF), os.urandom(sm.NONCE_BYTES)
        head = _HEAD.pack(1, number)
        sealed = sm.seal(_key(half_a, half_b, number), nonce, generation.to_bytes(), _LABEL + head)
        self._b.add(f"split-{number}.half", half_b)
        self._a.add(f"split-{number}.half", half_a)
        self._a.add(f"split-{number}.key", head + nonce + sealed)

    def erase(self, number: int) -> str:
        """Overwrite and remove both halves, then what they opened."""
        self._names(self._a), self._names(self._b)
        self._a.shred(f"split-{number}.half")
        self._b.shred(f"split-{number}.half")
        self._a.shred(f"split-{number}.key")
        return f"both_halves_{HOW}"


def _key(half_a: bytes, half_b: bytes, number: int) -> bytes:
    return sm.Mac(half_a).digest(half_b + _NUMBER.pack(number))[: sm.KEY_BYTES]
