"""Seal a file that the company keeps for its own record, such as the photo of an act of shredding.

Layout: 0x01 ‖ nonce 12 ‖ SM4-GCM ciphertext and tag. Key: the first 16 bytes of HMAC-SM3(the company's reference secret,
"midan/file/1" ‖ purpose). AAD: the same label ‖ 0x00 ‖ owner. The secret lies wrapped in the key pack, so that a restore
opens what was sealed before; a copy of the database alone opens nothing. No part of an order belongs here: parts have
keys that die one by one.
"""

import os
from typing import Final

from midan.core import sm
from midan.vault import keyd

_LABEL: Final = b"midan/file/1"
_VERSION: Final = b"\x01"


def seal_file(plain: bytes, *, purpose: str, owner: bytes) -> tuple[bytes, bytes]:
    """Return a file sealed for one purpose and owner, and its SM3 digest; VaultLocked."""
    nonce = os.urandom(sm.NONCE_BYTES)
    sealed = sm.seal(_key(purpose), nonce, plain, _aad(purpose, owner))
    return _VERSION + nonce + sealed, sm.sm3(plain)


def open_file(sealed: bytes, *, purpose: str, owner: bytes) -> bytes:
    """Return what was sealed for this purpose and owner; Tampered for anything else, VaultLocked."""
    start = len(_VERSION) + sm.NONCE_BYTES
    if not sealed.startswith(_VERSION) or len(sealed) < start:
        raise sm.Tampered("密文长度不足")
    return sm.open_(_key(purpose), sealed[len(_VERSION) : start], sealed[start:], _aad(purpose, owner))


def _key(purpose: str) -> bytes:
    secret = keyd.connect().company_secret("reference")
    return sm.hmac_sm3(secret, _LABEL + purpose.encode())[: sm.KEY_BYTES]


def _aad(purpose: str, owner: bytes) -> bytes:
    return _LABEL + purpose.encode() + b"\x00" + owner
