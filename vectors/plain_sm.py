"""SM3, SM4, SM4-GCM and SM2 verification in plain Python: slow and obvious.

From GB/T 32905, GB/T 32907, NIST SP 800-38D and GB/T 32918.

What the verifiers here recompute with; none of the package's code and no library's. `self_test` holds it to the
standards' own examples.
"""

from checking import same

WORD = 0xFFFFFFFF


def turn(word: int, by: int) -> int:
    """Rotate 32 bits left."""
    by %= 32
    return ((word << by) | (word >> (32 - by))) & WORD


# SM3
SM3_START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def sm3(message: bytes) -> bytes:
    """GB/T 32905."""
    padded = message + b"\x80" + bytes((55 - len(message)) % 64) + (8 * len(message)).to_bytes(8, "big")
    state = SM3_START
    for at in range(0, len(padded), 64):
        mixed = sm3_block(state, padded[at : at + 64])
        state = tuple(old ^ new for old, new in zip(state, mixed, strict=True))
    return b"".join(word.to_bytes(4, "big") for word in state)


def sm3_block(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    """Run one block's 64 rounds."""
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = words[j - 16] ^ words[j - 9] ^ turn(words[j - 3], 15)
        words.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16
        ss1 = turn((turn(a, 12) + e + turn(0x79CC4519 if early else 0x7A879D8A, j)) & WORD, 7)
        ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if early else (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ turn(a, 12)) + (words[j] ^ words[j + 4])) & WORD
        tt2 = (gg + h + ss1 + words[j]) & WORD
        a, b, c, d = tt1, a, turn(b, 9), c
        e, f, g, h = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
    return a, b, c, d, e, f, g, h


# SM4
def sm4_box() -> list[int]:
    """Build the S-box: affine map, inversion in GF(2^8) mod 0x1F5, affine map."""

    def times(one: int, two: int) -> int:
        product = 0
        while two:
            product ^= one if two & 1 else 0
            one = (one << 1) ^ (0x1F5 if one & 0x80 else 0)
            two >>= 1
        return product

    def affine(value: int) -> int:
        rows = (0xA7 << k | 0xA7 >> (8 - k) for k in range(8))
        bits = [(row & 0xFF & value).bit_count() & 1 for row in rows]
        return sum(bit << k for k, bit in enumerate(bits)) ^ 0xD3

    def inverse(value: int) -> int:
        return next((other for other in range(256) if times(value, other) == 1), 0)

    return [affine(inverse(affine(value))) for value in range(256)]


BOX = sm4_box()


def substitute(word: int) -> int:
    """Apply the S-box to four bytes."""
    return int.from_bytes(bytes(BOX[byte] for byte in word.to_bytes(4, "big")), "big")


def sm4(key: bytes, block: bytes, *, backwards: bool = False) -> bytes:
    """GB/T 32907, one block."""
    fixed = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)
    keys = [int.from_bytes(key[4 * i : 4 * i + 4], "big") ^ fixed[i] for i in range(4)]
    for i in range(32):
        constant = int.from_bytes(bytes((28 * i + 7 * j) % 256 for j in range(4)), "big")
        mixed = substitute(keys[i + 1] ^ keys[i + 2] ^ keys[i + 3] ^ constant)
        keys.append(keys[i] ^ mixed ^ turn(mixed, 13) ^ turn(mixed, 23))
    order = keys[4:][::-1] if backwards else keys[4:]
    words = [int.from_bytes(block[4 * i : 4 * i + 4], "big") for i in range(4)]
    for i, round_key in enumerate(order):
        mixed = substitute(words[i + 1] ^ words[i + 2] ^ words[i + 3] ^ round_key)
        words.append(words[i] ^ mixed ^ turn(mixed, 2) ^ turn(mixed, 10) ^ turn(mixed, 18) ^ turn(mixed, 24))
    return b"".join(word.to_bytes(4, "big") for word in words[:-5:-1])


# SM4-GCM with a nonce of twelve bytes
def in_field(one: int, two: int) -> int:
    """Multiply in GF(2^128) as SP 800-38D writes its bits: the first is the highest."""
    product = 0
    for at in range(127, -1, -1):
        if two >> at & 1:
            product ^= one
        one = one >> 1 ^ (0xE1 << 120 if one & 1 else 0)
    return product


def gcm(key: bytes, nonce: bytes, aad: bytes, text: bytes, *, seal: bool) -> tuple[bytes, bytes]:
    """Return text with the key stream added, and the tag over its sealed side."""
    stream = b"".join(
        sm4(key, nonce + (number + 2).to_bytes(4, "big")) for number in range(-(-len(text) // 16))
    )
    turned = bytes(one ^ two for one, two in zip(text, stream, strict=False))
    sealed = turned if seal else text
    hashed, factor = 0, int.from_bytes(sm4(key, bytes(16)), "big")
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    padded = aad + bytes(-len(aad) % 16) + sealed + bytes(-len(sealed) % 16) + lengths
    for at in range(0, len(padded), 16):
        hashed = in_field(hashed ^ int.from_bytes(padded[at : at + 16], "big"), factor)
    first = int.from_bytes(sm4(key, nonce + b"\x00\x00\x00\x01"), "big")
    return turned, (hashed ^ first).to_bytes(16, "big")


# SM2 signature verification
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None


def add(one: Point, two: Point) -> Point:
    """Add two points of the curve."""
    if one is None or two is None:
        return one or two
    if one[0] == two[0] and (one[1] + two[1]) % P == 0:
        return None
    same_point = one == two
    rise, run = (3 * one[0] ** 2 + A, 2 * one[1]) if same_point else (two[1] - one[1], two[0] - one[0])
    slope = rise * pow(run, -1, P)
    x = (slope**2 - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def multiply(point: Point, by: int) -> Point:
    """Add a point to itself `by` times."""
    total: Point = None
    while by:
        if by & 1:
            total = add(total, point)
        point = add(point, point)
        by >>= 1
    return total


def sm2_holds(public: bytes, message: bytes, der: bytes) -> bool:
    """GB/T 32918.2, user identity 1234567812345678."""
    r_size = der[3]
    r, s = int.from_bytes(der[4 : 4 + r_size], "big"), int.from_bytes(der[6 + r_size :], "big")
    curve = b"".join(number.to_bytes(32, "big") for number in (A, B, *G))
    z = sm3(b"\x00\x80" + b"1234567812345678" + curve + public)
    e = int.from_bytes(sm3(z + message), "big")
    key = (int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big"))
    t = (r + s) % N
    point = add(multiply(G, s), multiply(key, t))
    return 0 < r < N and 0 < s < N and t != 0 and point is not None and (e + point[0]) % N == r


def self_test() -> None:
    """Stop unless the standards' own examples come out."""
    same(
        "SM3 of the standard",
        sm3(b"abc").hex(),
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    )
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    same("SM4 of the standard", sm4(key, key).hex(), "681edf34d206965e86b3e94f536e4246")
