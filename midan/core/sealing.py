"""Sealed part v1: one contact, the goods, or an identity number, under a key from a leaf of the key tree.

Byte for byte in specs/sealed-part.md; the vectors in vectors/sealing.json stay readable for ever.

    CipherError
    ├── Tampered        (midan.core.sm) altered, truncated, extended, or sealed for another record or part
    └── MalformedPart   a payload that is no list of texts: only ever our own mistake, the tag having held
"""

import struct
from typing import Final, NamedTuple

from midan.core.parts import PartCode
from midan.core.sm import KEY_BYTES, NONCE_BYTES, TAG_BYTES, CipherError, Tampered, open_, seal, sm3

VERSION: Final = 1
LAYOUT: Final = 1
PAD: Final = 32
COMPANY_BYTES: Final = 16
RECORD_BYTES: Final = 16
LEAF_SECRET_BYTES: Final = 32
FIELD_LIMIT: Final = 0xFFFF
FIELDS_LIMIT: Final = 0xFF

_PART_LABEL: Final = b"midan/part/1"
_KEY_LABEL: Final = b"midan/key/1"
_HEADER: Final = struct.Struct(">BII")
_LENGTH: Final = struct.Struct(">H")
_NONCE_END: Final = _HEADER.size + NONCE_BYTES
_SHORTEST: Final = _NONCE_END + TAG_BYTES


class MalformedPart(CipherError):
    code = "malformed_part"


# One dictionary look-up both refuses an unknown code and gives its byte.
_CODE_BYTE: Final[dict[int, bytes]] = {int(code): bytes((code,)) for code in PartCode}


class Header(NamedTuple):
    """The nine clear bytes before a sealed part: where its key is to be found."""

    version: int
    epoch: int
    leaf: int


def header_bytes(epoch: int, leaf: int) -> bytes:
    """Return version ‖ epoch u32 ‖ leaf u32; ValueError when a number does not fit."""
    try:
        return _HEADER.pack(VERSION, epoch, leaf)
    except struct.error:
        raise ValueError("epoch and leaf are unsigned 32-bit numbers") from None


def parse_header(sealed: bytes) -> Header:
    """Return the header of a sealed part; Tampered when too short or of an unknown version."""
    if len(sealed) < _SHORTEST or sealed[0] != VERSION:
        raise Tampered("不是第 1 版加密分项")
    return Header(*_HEADER.unpack_from(sealed))


def part_key(leaf_secret: bytes, part: PartCode) -> bytes:
    """Return the 16-byte SM4 key of one part: the only key that ever comes out of this leaf for it."""
    if len(leaf_secret) != LEAF_SECRET_BYTES:
        raise ValueError("a leaf secret is 32 bytes")
    return sm3(_KEY_LABEL + leaf_secret + _code_byte(part))[:KEY_BYTES]


def _code_byte(part: PartCode) -> bytes:
    code = _CODE_BYTE.get(part)
    if code is None:
        raise ValueError("unknown part code")
    return code


class Sealer:
    """Seals and opens the parts of one company; holds no key and may cross to a worker process."""

    __slots__ = ("_aad_head",)

    def __init__(self, company: bytes) -> None:
        if len(company) != COMPANY_BYTES:
            raise ValueError("a company id is 16 bytes")
        self._aad_head: Final = _PART_LABEL + company

    def aad(self, header: bytes, record: bytes, part: PartCode) -> bytes:
        """Return the 54 authenticated bytes, all of fixed length, so no two contexts share an encoding."""
        if len(record) != RECORD_BYTES:
            raise ValueError("a record id is 16 bytes")
        return self._aad_head + header + record + _code_byte(part)

    def seal(  # noqa: PLR0913 - the format binds them all
        self,
        leaf_secret: bytes,
        *,
        epoch: int,
        leaf: int,
        record: bytes,
        part: PartCode,
        nonce: bytes,
        plaintext: bytes,
    ) -> bytes:
        """Return header ‖ nonce ‖ ciphertext ‖ tag. The caller draws the nonce; a leaf seals a part once."""
        header = header_bytes(epoch, leaf)
        aad = self.aad(header, record, part)
        return header + nonce + seal(part_key(leaf_secret, part), nonce, plaintext, aad)

    def open(self, leaf_secret: bytes, *, record: bytes, part: PartCode, sealed: bytes) -> bytes:
        """Return the plaintext or raise Tampered: any other byte, record, part, company or leaf fails."""
        parse_header(sealed)
        aad = self.aad(sealed[: _HEADER.size], record, part)
        nonce = sealed[_HEADER.size : _NONCE_END]
        return open_(part_key(leaf_secret, part), nonce, sealed[_NONCE_END:], aad)


def pack_part(fields: tuple[str, ...]) -> bytes:
    """Return the payload of a part: texts in order, zero-padded to a multiple of 32 bytes.

    A contact is (name, phone, address), the goods (goods_name, remark, order_ref). MalformedPart when there
    are more than 255 fields, one is longer than 65,535 bytes of UTF-8, or one cannot be written in UTF-8.
    """
    if len(fields) > FIELDS_LIMIT:
        raise MalformedPart("分项的字段过多", fields=len(fields))
    pieces = [bytes((LAYOUT, len(fields)))]
    for number, field in enumerate(fields):
        try:
            encoded: bytes | None = field.encode()
        except UnicodeEncodeError:
            encoded = (
                None  # raised below instead: this error carries the text, even as somebody's __context__
            )
        if encoded is None or len(encoded) > FIELD_LIMIT:
            raise MalformedPart("字段过长或不是合法文字，放不进分项", field=number)
        pieces += (_LENGTH.pack(len(encoded)), encoded)
    payload = b"".join(pieces)
    return payload + bytes(-len(payload) % PAD)


def unpack_part(payload: bytes) -> tuple[str, ...]:
    """Return the texts of `pack_part`; MalformedPart for any byte string that `pack_part` would not give."""
    if len(payload) < PAD or len(payload) % PAD or payload[0] != LAYOUT:
        raise MalformedPart("不是第 1 版分项内容")
    fields: list[str] = []
    at = 2
    for number in range(payload[1]):
        start = at + 2
        at = start + int.from_bytes(payload[at:start])
        try:
            field: str | None = payload[start:at].decode()
        except UnicodeDecodeError:
            field = None  # as above
        if at > len(payload) or field is None:
            raise MalformedPart("分项的字段被截断或不是 UTF-8", field=number)
        fields.append(field)
    if len(payload) - at >= PAD or any(payload[at:]):
        raise MalformedPart("分项的填充不符合格式")
    return tuple(fields)
