"""SM3, HMAC-SM3, SM4-GCM and SM2: the only module that calls a cipher library.

    MidanError
    └── CipherError
        ├── SelfTestFailed   a known answer came out wrong: refuse to serve
        ├── Tampered         sealed bytes do not open: altered, truncated, or sealed for something else
        └── BadSignature     an SM2 signature does not hold for this key and message

GB/T 32905 (SM3), GB/T 32907 (SM4), RFC 8998 (SM4-GCM), GB/T 32918 (SM2). Which library does which, and the
measurements behind it: docs/ideas/why-these-ciphers.md. A wrong length is a programming error and raises
ValueError; wrong bytes are an event and raise one of the errors above. No message ever holds key or data.
"""

from collections.abc import Callable
from typing import Any, Final, Self

import gmssl_pyx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB, GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from midan.core import sm2curve
from midan.core.errors import MidanError

KEY_BYTES: Final = 16
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
DIGEST_BYTES: Final = 32
PRIVATE_BYTES: Final = 32
BLOCK_BYTES: Final = 16
ENVELOPE_LIMIT: Final = 255

_SM3 = SM3()


class CipherError(MidanError):
    code = "cipher_error"
    status = 500


class SelfTestFailed(CipherError):
    code = "self_test_failed"
    exit_code = 4


class Tampered(CipherError):
    code = "tampered"


class BadSignature(CipherError):
    code = "bad_signature"


sm3: Callable[[bytes], bytes] = gmssl_pyx.sm3_hash
"""Return the 32-byte SM3 digest. Takes `bytes` only. Bound, not wrapped: called by the million."""


class Mac:
    """HMAC-SM3 under one key, prepared once: `digest` only copies the keyed state."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("an HMAC key cannot be empty")
        self._keyed = HMAC(key, _SM3).copy

    def digest(self, data: bytes) -> bytes:
        """Return the 32-byte tag of `data`."""
        mac = self._keyed()
        mac.update(data)
        return mac.finalize()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """Return the 32-byte HMAC-SM3 tag; for many messages under one key use `Mac`."""
    return Mac(key).digest(data)


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return SM4-GCM ciphertext ‖ 16-byte tag. One (key, nonce) pair must never seal twice."""
    _check_gcm_lengths(key, nonce)
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def open_(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext of `seal`, or raise Tampered; nothing comes back before the tag was checked."""
    _check_gcm_lengths(key, nonce)
    if len(sealed) < TAG_BYTES:
        raise Tampered("密文长度不足")
    decryptor = Cipher(SM4(key), GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
    decryptor.authenticate_additional_data(aad)
    plaintext = decryptor.update(sealed[:-TAG_BYTES])
    try:
        return plaintext + decryptor.finalize()
    except InvalidTag:
        raise Tampered("密文无法解开：内容、归属或密钥不符") from None


def _check_gcm_lengths(key: bytes, nonce: bytes) -> None:
    # Other nonce lengths are legal GCM, but go through GHASH and may collide; libraries disagree on them.
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("SM4-GCM here takes a 16-byte key and a 12-byte nonce")


def sm4_ecb(key: bytes, blocks: bytes) -> bytes:
    """Encrypt whole 16-byte blocks one by one. For permutations of numbers only: it hides no patterns."""
    return _ecb(key, blocks).encryptor().update(blocks)


def sm4_ecb_decrypt(key: bytes, blocks: bytes) -> bytes:
    """Undo `sm4_ecb`; unauthenticated, any bytes decrypt to something."""
    return _ecb(key, blocks).decryptor().update(blocks)


def _ecb(key: bytes, blocks: bytes) -> Cipher[ECB]:
    if len(key) != KEY_BYTES or len(blocks) % BLOCK_BYTES:
        raise ValueError("SM4 takes a 16-byte key and whole 16-byte blocks")
    return Cipher(SM4(key), ECB())  # noqa: S305 - a permutation of single blocks is what the callers want


class SigningKey:
    """An SM2 private key. Signs under the default user identity `1234567812345678` (GM/T 0009)."""

    __slots__ = ("_private", "public")

    def __init__(self, private: bytes, public: bytes) -> None:
        self._private = private
        self.public: Final = public

    @classmethod
    def generate(cls) -> Self:
        """Return a new key from the library's generator, which the operating system seeds."""
        public, private = gmssl_pyx.sm2_key_generate()
        return cls(private, public)

    @classmethod
    def from_bytes(cls, private: bytes) -> Self:
        """Return the key of 32 private bytes; takes some 40 ms, so load once. ValueError outside 1…n-2."""
        if len(private) != PRIVATE_BYTES or not 0 < int.from_bytes(private) < sm2curve.N - 1:
            raise ValueError("an SM2 private key is 32 bytes with a value in 1…n-2")
        # The library cannot tell the public key. Multiplying by the secret in Python would leak it through
        # time; so the library signs, and Python works on two signatures, which are public anyway.
        digest = bytes(DIGEST_BYTES)
        public = sm2curve.recover_public(
            digest,
            gmssl_pyx.sm2_sign_sm3_digest(private, digest),
            gmssl_pyx.sm2_sign_sm3_digest(private, digest),
        )
        return cls(private, public)

    def to_bytes(self) -> bytes:
        """Return the 32 private bytes, big-endian: for sealing by a keeper, never for display."""
        return self._private

    def sign(self, message: bytes) -> bytes:
        """Return a DER signature (r, s) of SM3(Z ‖ message); two signatures of one message differ."""
        signature: bytes = gmssl_pyx.sm2_sign(self._private, self.public, message)
        return signature

    def __repr__(self) -> str:
        return f"<SigningKey {sm3(self.public).hex()[:16]}>"

    def __reduce__(self) -> Any:
        raise TypeError("a signing key is not pickled; seal to_bytes() instead")


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Return if the signature holds, else raise BadSignature; also for a public key that is not on the curve.

    The library writes one line about its own source, no data, to standard error when a signature fails.
    """
    try:
        holds = gmssl_pyx.sm2_verify(public, message, signature)
    except gmssl_pyx.GmsslInnerError:
        holds = False
    if not holds:
        raise BadSignature("SM2 签名不成立")


def envelope_seal(public: bytes, secret: bytes) -> bytes:
    """Encrypt 1…255 bytes to a public key: SM2, C1C3C2 in the DER of GM/T 0009. ValueError if it cannot."""
    if not 0 < len(secret) <= ENVELOPE_LIMIT:
        raise ValueError("an SM2 envelope holds 1 to 255 bytes: wrap keys, not data")
    try:
        blob: bytes = gmssl_pyx.sm2_encrypt(public, secret)
    except gmssl_pyx.InvalidValueError:
        raise ValueError("not an SM2 public key") from None
    return blob


def envelope_open(key: SigningKey | bytes, blob: bytes) -> bytes:
    """Return what `envelope_seal` sealed, or raise Tampered. SM2 names no sender: anybody can make one."""
    private = key.to_bytes() if isinstance(key, SigningKey) else key
    if len(private) != PRIVATE_BYTES:
        raise ValueError("an SM2 private key is 32 bytes")
    try:
        secret: bytes = gmssl_pyx.sm2_decrypt(private, blob)
    except gmssl_pyx.GmsslInnerError:
        raise Tampered("数字信封无法解开") from None
    return secret


def public_key_pem(public: bytes) -> str:
    """Return the SubjectPublicKeyInfo that `openssl pkeyutl -verify -pubin` reads."""
    return sm2curve.public_pem(public)


def private_key_pem(key: SigningKey) -> str:
    """Return the unencrypted SEC 1 form. For interoperability tests; a keeper never writes this."""
    return sm2curve.private_pem(key.to_bytes(), key.public)


def self_test() -> None:
    """Compare every primitive with a published answer; raise SelfTestFailed. Run before serving (5 ms)."""
    for name, check in _KNOWN_ANSWERS.items():
        try:
            right = check()
        except Exception as error:
            raise SelfTestFailed("密码算法自检中断，拒绝服务", test=name) from error
        if not right:
            raise SelfTestFailed("密码算法自检结果错误，拒绝服务", test=name)


_K = bytes.fromhex("0123456789abcdeffedcba9876543210")
_SM3_ABC = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
_SM4_EXAMPLE = bytes.fromhex("681edf34d206965e86b3e94f536e4246")
_GCM_NONCE = bytes.fromhex("00001234567800000000abcd")
_GCM_AAD = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_GCM_PLAIN = b"".join(bytes([b]) * 8 for b in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
_GCM_SEALED = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)
_HMAC_KEY = bytes.fromhex("8159fd15133cd964c9a6964c94f0ea269a806fd9f43f0da58b6cd1b33d189b2a")
_HMAC_TAG = bytes.fromhex("51aaf64843b6d2fc7a244ab9cda9b7b57164ce6a865f9808c01931b46195411d")
_SM2_D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_SM2_P = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_SM2_SIGNATURE = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def _gcm_refuses_a_flipped_bit() -> bool:
    try:
        open_(_K, _GCM_NONCE, _GCM_SEALED[:-1] + bytes([_GCM_SEALED[-1] ^ 1]), _GCM_AAD)
    except Tampered:
        return True
    return False


def _sm2_holds() -> bool:
    verify(_SM2_P, b"message digest", _SM2_SIGNATURE)
    key = SigningKey(_SM2_D, _SM2_P)
    verify(_SM2_P, _GCM_PLAIN, key.sign(_GCM_PLAIN))
    return envelope_open(key, envelope_seal(_SM2_P, _K)) == _K


_KNOWN_ANSWERS: Final[dict[str, Callable[[], bool]]] = {
    "sm3": lambda: sm3(b"abc") == _SM3_ABC,
    "hmac_sm3": lambda: hmac_sm3(_HMAC_KEY, b"w") == _HMAC_TAG,
    "sm4": lambda: sm4_ecb(_K, _K) == _SM4_EXAMPLE and sm4_ecb_decrypt(_K, _SM4_EXAMPLE) == _K,
    "sm4_gcm_seal": lambda: seal(_K, _GCM_NONCE, _GCM_PLAIN, _GCM_AAD) == _GCM_SEALED,
    "sm4_gcm_open": lambda: open_(_K, _GCM_NONCE, _GCM_SEALED, _GCM_AAD) == _GCM_PLAIN,
    "sm4_gcm_refuse": _gcm_refuses_a_flipped_bit,
    "sm2": _sm2_holds,
}
