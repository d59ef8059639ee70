"""The token keeper: each generation is wrapped by a key that a PKCS#11 token made for it and never gives out.

To forget a generation the token destroys that key; the file with the wrapped secret is worth nothing then, wherever it was
copied. SoftHSM and most tokens have no SM4, so the token wraps with AES-256 key wrap (RFC 3394), and says so.
"""

import os
import re
import struct
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

from django.utils.translation.trans_null import gettext_noop

from midan.core.passphrase import KeyFileDamaged
from midan.vault.errors import KeeperUnreachable, VaultLocked
from midan.vault.keyd.shelf import Shelf
from midan.vault.keyd.wrapping import Generation

HOW: Final = "token_key_destroyed"
_LABEL: Final = re.compile(r"midan-generation-([1-9][0-9]{0,9})", re.ASCII)
_HEAD: Final = struct.Struct(">BI")
_WANTED: Final = ("module", "token", "pin_file")
_SECRET: Final = 32
# One login a process: a second session would find the user logged in already.
_LOCK: Final = RLock()
_initialised: set[tuple[str, int]] = set()


class TokenKeeper:
    """A token named by a TOML file: module, token (its label), pin_file. Wrapped secrets lie beside that file."""

    kind = "token"
    best_effort = False

    def __init__(self, config: Path, name: str) -> None:
        self.name = name
        self.places: tuple[Path, ...] = (config.parent,)
        self.packs = Shelf(config.parent / "packs", name)
        self._config = config
        self._shelf = Shelf(config.parent, name)
        self._refused = b""

    def held(self) -> tuple[int, ...]:
        """Return the generations the token has a key of; needs the PIN."""
        with self._session() as session:
            found = [_LABEL.fullmatch(key.label or "") for key in _keys(session)]
        return tuple(sorted({int(match[1]) for match in found if match}))

    def read(self, number: int) -> Generation:
        """Return the generation that the token unwraps."""
        blob = self._shelf.get(f"token-{number}.key")
        if blob[: _HEAD.size] != _HEAD.pack(1, number):
            raise KeyFileDamaged("密钥文件已损坏或不完整", label="token")
        with self._session() as session:
            keys = _keys(session, number)
            if not keys:
                raise VaultLocked(gettext_noop("令牌中没有这一代的密钥，保险库已锁定"))
            secret = _unwrap(keys[0], blob[_HEAD.size :])
        if len(secret) != _SECRET:
            raise KeyFileDamaged("密钥文件不是这个令牌包裹的，或被改动", label="token")
        return Generation(number, secret)

    def create(self, generation: Generation) -> None:
        """Have the token make a key for this generation, wrap the secret by it, and keep the wrapped bytes."""
        with self._session() as session:
            if _keys(session, generation.number):
                raise FileExistsError(generation.number)
            wrapped = _wrap(session, generation)
        self._shelf.add(f"token-{generation.number}.key", _HEAD.pack(1, generation.number) + wrapped)

    def erase(self, number: int) -> str:
        """Have the token destroy the key, see that it is gone, and remove what it wrapped."""
        with self._session() as session:
            for key in _keys(session, number):
                key.destroy()
            if _keys(session, number):
                raise KeeperUnreachable(self.name, "still_there")
        self._shelf.shred(f"token-{number}.key")
        return HOW

    @contextmanager
    def _session(self) -> Iterator[Any]:
        import pkcs11

        with _LOCK:
            module, label, pin = self._settings()
            try:
                token = _library(module).get_token(token_label=label)
                with token.open(user_pin=pin.decode(), rw=True) as session:
                    yield session
            except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLocked) as error:
                self._refused = pin  # a token counts wrong tries and locks itself: never the same one twice
                raise KeeperUnreachable(self.name, type(error).__name__) from None
            except pkcs11.exceptions.PKCS11Error as error:
                # The library itself not loading is the one error without a kind of its own.
                plain = type(error) is pkcs11.exceptions.PKCS11Error
                raise KeeperUnreachable(self.name, "module" if plain else type(error).__name__) from None

    def _settings(self) -> tuple[str, str, bytes]:
        try:
            found = tomllib.loads(self._config.read_text("utf-8"))
            module, label, pin_file = (str(found[name]) for name in _WANTED)
            pin = Path(pin_file).read_bytes().strip()
        except (OSError, KeyError, ValueError):
            raise KeeperUnreachable(self.name, "config") from None
        if not pin or pin == self._refused:
            raise KeeperUnreachable(self.name, "pin_refused_before" if pin else "pin")
        return module, label, pin


def _library(module: str) -> Any:
    """Return the token's library, begun anew in a process that was forked after it had begun."""
    import pkcs11

    library = pkcs11.lib(module)
    here = (module, os.getpid())
    if here not in _initialised:
        if any(known == module for known, _ in _initialised):
            library.reinitialize()
        _initialised.add(here)
    return library


def _keys(session: Any, number: int = 0) -> list[Any]:
    from pkcs11 import Attribute, KeyType, ObjectClass

    wanted: dict[Any, Any] = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES}
    if number:
        wanted[Attribute.LABEL] = f"midan-generation-{number}"
    return list(session.get_objects(wanted))


def _wrap(session: Any, generation: Generation) -> bytes:
    from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

    key = session.generate_key(
        KeyType.AES,
        256,
        label=f"midan-generation-{generation.number}",
        store=True,
        capabilities=MechanismFlag.WRAP | MechanismFlag.UNWRAP,
        template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True},
    )
    secret = session.create_object(
        {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
            Attribute.VALUE: generation.secret,
            Attribute.TOKEN: False,
            Attribute.SENSITIVE: False,
            Attribute.EXTRACTABLE: True,
        }
    )
    return bytes(key.wrap_key(secret, mechanism=Mechanism.AES_KEY_WRAP))


def _unwrap(key: Any, wrapped: bytes) -> bytes:
    """Return the secret, or nothing where the bytes are not what this key wrapped."""
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
    from pkcs11.exceptions import PKCS11Error

    template = {Attribute.TOKEN: False, Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
    try:
        secret = key.unwrap_key(
            ObjectClass.SECRET_KEY,
            KeyType.GENERIC_SECRET,
            wrapped,
            mechanism=Mechanism.AES_KEY_WRAP,
            template=template,
        )
        return bytes(secret[Attribute.VALUE])
    except PKCS11Error:
        return b""
