"""The file keeper: the generation secret in one file under a passphrase.

Class `file`: best effort. A file system may keep old blocks; certificates say so, and token and split keepers
exist for that reason. The file is written whole or not at all, and never over an existing one.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.utils.translation.trans_null import gettext_noop

from midan.core import passphrase as sealed_file
from midan.vault.errors import VaultLocked
from midan.vault.keyd.wrapping import Generation

FILE_NAME: Final = "keeper-file.key"
LABEL: Final = "generation"
CLASS: Final = "file"
_SALT, _NONCE = 16, 12


class FileKeeper:
    """One file in the keys folder; `passphrase` is asked for only when the file is opened or made."""

    def __init__(self, folder: Path, passphrase: Callable[[], bytes]) -> None:
        self._path = folder / FILE_NAME
        self._passphrase = passphrase

    def exists(self) -> bool:
        """Return whether the keeper holds a generation."""
        return self._path.exists()

    def read(self) -> Generation:
        """Return the generation; VaultLocked without a file, WrongPassphrase, KeyFileDamaged."""
        try:
            blob = self._path.read_bytes()
        except OSError as error:
            raise VaultLocked(gettext_noop("无法读取密钥文件，保险库已锁定")) from error
        return Generation.from_bytes(sealed_file.unseal(self._passphrase(), blob, label=LABEL))

    def create(self, generation: Generation) -> None:
        """Write the file, durably and atomically, mode 0600; FileExistsError when there is one already."""
        blob = sealed_file.seal(
            self._passphrase(),
            generation.to_bytes(),
            label=LABEL,
            salt=os.urandom(_SALT),
            nonce=os.urandom(_NONCE),
        )
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._path.with_name(f".{FILE_NAME}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(blob)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, refuses to replace: a generation is never overwritten.
            os.link(draft, self._path)
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
