"""The SM2 curve in plain integers: recovering a public key, and the DER around keys. Public values only.

Nothing here takes constant time, so nothing here multiplies by a secret. Curve: GB/T 32918.5.
"""

import base64
from typing import Final

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

Point = tuple[int, int] | None  # None is the point at infinity

# SEQUENCE { SEQUENCE { id-ecPublicKey, sm2p256v1 }, BIT STRING 04 ‖ x ‖ y }: every length is fixed.
_SPKI_HEAD: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
# ECPrivateKey { 1, OCTET STRING d, [0] sm2p256v1, [1] BIT STRING 04 ‖ x ‖ y } (RFC 5915).
_SEC1_HEAD: Final = bytes.fromhex("30770201010420")
_SEC1_MIDDLE: Final = bytes.fromhex("a00a06082a811ccf5501822da14403420004")


def add(left: Point, right: Point) -> Point:
    """Return the sum of two points."""
    if left is None:
        return right
    if right is None:
        return left
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(scalar: int, point: Point) -> Point:
    """Return scalar·point by double and add: its time shows the scalar, which must be public."""
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def _signature_numbers(der: bytes) -> tuple[int, int]:
    """Return (r, s) of a DER signature the library has just made itself."""
    r_end = 4 + der[3]
    return int.from_bytes(der[4:r_end]), int.from_bytes(der[r_end + 2 :])


def _candidates(e: int, signature: bytes) -> set[Point]:
    """Return both keys under which this signature of digest `e` holds.

    A signature says s·G + (r+s)·Q = R with R.x = r - e (mod n), which leaves the sign of R open. That r - e
    stands for an x of n or above has a chance of 2^-32 of its own kind; both x are tried.
    """
    r, s = _signature_numbers(signature)
    inverse = pow(r + s, -1, N)
    offset = multiply(-s * inverse % N, G)
    found: set[Point] = set()
    for x in range((r - e) % N, P, N):
        square = (x**3 + A * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            scaled = multiply(inverse, (x, y))
            mirrored = None if scaled is None else (scaled[0], P - scaled[1])
            found |= {add(scaled, offset), add(mirrored, offset)}
    return found


def recover_public(digest: bytes, first: bytes, second: bytes) -> bytes:
    """Return the 64-byte public key under which both DER signatures of `digest` hold.

    Two signatures share one key by the chance of 2^-250 otherwise; ValueError when they share none.
    """
    e = int.from_bytes(digest)
    shared = _candidates(e, first) & _candidates(e, second)
    if len(shared) != 1 or (point := shared.pop()) is None:
        raise ValueError("the two signatures do not share one key")
    return point[0].to_bytes(32) + point[1].to_bytes(32)


def public_pem(public: bytes) -> str:
    """Return a PEM SubjectPublicKeyInfo; ValueError unless the 64 bytes are a point of the curve."""
    x, y = int.from_bytes(public[:32]), int.from_bytes(public[32:])
    if len(public) != 64 or x >= P or y >= P or (y * y - x**3 - A * x - B) % P:
        raise ValueError("not an SM2 public key")
    return _pem("PUBLIC KEY", _SPKI_HEAD + public)


def private_pem(private: bytes, public: bytes) -> str:
    """Return a PEM ECPrivateKey."""
    return _pem("EC PRIVATE KEY", _SEC1_HEAD + private + _SEC1_MIDDLE + public)


def _pem(label: str, der: bytes) -> str:
    body = base64.b64encode(der).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
