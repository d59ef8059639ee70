"""SM3, HMAC-SM3 and SM4-GCM by libraries the package does not seal with: hashlib (OpenSSL) and GmSSL.

Needs an OpenSSL with SM3 (1.1.1 or later) behind hashlib. GmSSL names its source line on standard error at each refusal.
"""

import hashlib
import hmac

from checking import Differs
from gmssl_pyx import InvalidValueError, sm4_gcm_decrypt, sm4_gcm_encrypt

NONCE, TAG = 12, 16


def h(data: bytes) -> bytes:
    """SM3."""
    return hashlib.new("sm3", data).digest()


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SM3."""
    return hmac.new(key, message, "sm3").digest()


def seal(key: bytes, nonce: bytes, aad: bytes, plain: bytes) -> bytes:
    """Return ciphertext and tag of SM4-GCM."""
    return b"".join(sm4_gcm_encrypt(key, nonce, aad, plain))


def open_(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bytes:
    """Return the plain bytes of ciphertext and tag, or raise Differs."""
    try:
        return bytes(sm4_gcm_decrypt(key, nonce, aad, sealed[:-TAG], sealed[-TAG:]))
    except InvalidValueError:
        raise Differs("does not open") from None


def opens(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bool:
    """Return whether it opens."""
    try:
        open_(key, nonce, aad, sealed)
    except Differs:
        return False
    return True
