"""Sealed parts: what was sealed opens for its own record, part, leaf and company, and for nothing else."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from midan.core.sealing import (
    Header,
    MalformedPart,
    PartCode,
    Sealer,
    header_bytes,
    pack_part,
    parse_header,
    part_key,
    unpack_part,
)
from midan.core.sm import Tampered

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sealing.json").read_text(encoding="utf-8"))
GOOD = [case for case in VECTORS["cases"] if case["expect"] == "success"]
BAD = [case for case in VECTORS["cases"] if case["expect"] == "tampered"]
SEALER = Sealer(bytes.fromhex(VECTORS["company"]))

u32 = st.integers(0, 2**32 - 1)
parts = st.sampled_from(PartCode)
texts = st.text(st.characters(codec="utf-8"), max_size=80)
contacts = st.tuples(texts, texts, texts)


def exactly(count):
    return st.binary(min_size=count, max_size=count)


def by_comment(case):
    return case["comment"]


def opened(case, sealer=SEALER):
    return sealer.open(
        bytes.fromhex(case["leaf_secret"]),
        record=bytes.fromhex(case["record"]),
        part=PartCode(case["part"]),
        sealed=bytes.fromhex(case["sealed"]),
    )


@pytest.mark.parametrize("case", GOOD, ids=by_comment)
def test_a_golden_vector_seals_byte_for_byte(case):
    secret, record, nonce = (bytes.fromhex(case[name]) for name in ("leaf_secret", "record", "nonce"))
    epoch, leaf, part = case["epoch"], case["leaf"], PartCode(case["part"])
    payload = pack_part(tuple(case["fields"]))
    sealed = SEALER.seal(
        secret, epoch=epoch, leaf=leaf, record=record, part=part, nonce=nonce, plaintext=payload
    )
    assert payload.hex() == case["payload"]
    assert part_key(secret, part).hex() == case["key"]
    assert SEALER.aad(header_bytes(epoch, leaf), record, part).hex() == case["aad"]
    assert sealed.hex() == case["sealed"]


@pytest.mark.parametrize("case", GOOD, ids=by_comment)
def test_a_golden_vector_opens_for_ever(case):
    sealed = bytes.fromhex(case["sealed"])
    assert unpack_part(opened(case)) == tuple(case["fields"])
    assert parse_header(sealed) == Header(version=1, epoch=case["epoch"], leaf=case["leaf"])


@pytest.mark.parametrize("case", BAD, ids=by_comment)
def test_a_tampered_vector_does_not_open(case):
    with pytest.raises(Tampered):
        opened(case)


def test_a_part_does_not_open_for_another_company():
    with pytest.raises(Tampered):
        opened(GOOD[0], Sealer(bytes(16)))


@given(exactly(32), u32, u32, exactly(16), parts, exactly(12), contacts)
def test_what_was_sealed_opens_again(secret, epoch, leaf, record, part, nonce, contact):
    sealed = SEALER.seal(
        secret, epoch=epoch, leaf=leaf, record=record, part=part, nonce=nonce, plaintext=pack_part(contact)
    )
    assert unpack_part(SEALER.open(secret, record=record, part=part, sealed=sealed)) == contact
    assert parse_header(sealed) == (1, epoch, leaf)


@given(st.integers(0, 8 * len(bytes.fromhex(GOOD[0]["sealed"])) - 1))
def test_any_flipped_bit_of_a_sealed_part_is_noticed(bit):
    sealed = bytearray.fromhex(GOOD[0]["sealed"])
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        opened({**GOOD[0], "sealed": sealed.hex()})


@given(st.data())
def test_any_other_key_record_or_part_is_noticed(data):
    case = GOOD[0]
    name = data.draw(st.sampled_from(["leaf_secret", "record", "part"]))
    other = data.draw(parts if name == "part" else exactly(len(case[name]) // 2).map(bytes.hex))
    assume(other != case[name])
    with pytest.raises(Tampered):
        opened({**case, name: other})


@given(st.binary(max_size=120))
def test_arbitrary_bytes_do_not_open(junk):
    with pytest.raises(Tampered):
        opened({**GOOD[0], "sealed": junk.hex()})


@pytest.mark.parametrize("sealed", [b"", b"\1" + bytes(35), b"\0" + bytes(36), b"\2" + bytes(36)])
def test_a_header_is_read_only_from_a_whole_part_of_version_1(sealed):
    with pytest.raises(Tampered):
        parse_header(sealed)


def test_each_part_has_a_key_of_its_own():
    keys = {part_key(bytes(32), part) for part in PartCode}
    assert len(keys) == len(PartCode)
    assert {len(key) for key in keys} == {16}


SOUND = {
    "leaf_secret": bytes(32),
    "epoch": 1,
    "leaf": 1,
    "record": bytes(16),
    "part": PartCode.SENDER,
    "nonce": bytes(12),
    "plaintext": b"",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"leaf_secret": bytes(31)},
        {"leaf_secret": bytes(33)},
        {"epoch": -1},
        {"epoch": 2**32},
        {"leaf": 2**32},
        {"record": bytes(15)},
        {"record": bytes(17)},
        {"part": 4},
        {"part": 0},
        {"nonce": bytes(8)},
        {"nonce": bytes(16)},
    ],
    ids=repr,
)
def test_a_wrong_length_or_number_is_refused(wrong):
    arguments = {**SOUND, **wrong}
    secret = arguments.pop("leaf_secret")
    with pytest.raises(ValueError):  # noqa: PT011 - each of the parts has a text of its own
        SEALER.seal(secret, **arguments)


@pytest.mark.parametrize("company", [b"", bytes(15), bytes(17)])
def test_a_company_id_has_16_bytes(company):
    with pytest.raises(ValueError, match="16 bytes"):
        Sealer(company)


def test_a_sealer_crosses_to_a_worker_process():
    assert unpack_part(opened(GOOD[0], pickle.loads(pickle.dumps(SEALER)))) == tuple(GOOD[0]["fields"])


# --- payload


@given(st.lists(texts, max_size=8).map(tuple))
def test_a_payload_comes_back_and_fills_32_bytes(fields):
    payload = pack_part(fields)
    content = 2 + sum(2 + len(field.encode()) for field in fields)
    assert unpack_part(payload) == fields
    assert len(payload) % 32 == 0
    assert content <= len(payload) < content + 32


def test_names_of_two_and_four_characters_seal_to_the_same_length():
    address = "浙江省杭州市西湖区样例路 8 号"
    assert len(pack_part(("林溪", "10012345678", address))) == len(
        pack_part(("欧阳间溪", "10012345678", address))
    )


@given(st.binary(max_size=70))
def test_only_bytes_that_packing_gives_unpack(payload):
    try:
        fields = unpack_part(payload)
    except MalformedPart:
        return
    assert pack_part(fields) == payload


def padded(content, size=32):
    return content.ljust(size, b"\0")


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "empty"),
        (padded(b"\x01\x01\x00\x01a")[:31], "not a multiple of 32"),
        (padded(b"\x02\x01\x00\x01a"), "unknown layout"),
        (padded(b"\x01\x01\x00\x01a", 64), "a whole block of padding too many"),
        (padded(b"\x01\x01\x00\x1c" + b"a" * 28, 64), "a block of padding where none is due"),
        (padded(b"\x01\x01\x00\x01ab"), "something in the padding"),
        (padded(b"\x01\x01\x00\x1fa"), "a field longer than the payload"),
        (padded(b"\x01\x02\x00\x1b" + b"a" * 27), "a length cut in two"),
        (padded(b"\x01\x01\x00\x01\xff"), "not UTF-8"),
        (padded(b"\x01\x01\x00\x03\xed\xa0\x80"), "a surrogate"),
        (padded(b"\x01\x01\x00\x02\xc0\x80"), "an overlong zero"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_payload_is_refused(payload, why):
    with pytest.raises(MalformedPart):
        unpack_part(payload)


def test_the_longest_field_fits_and_one_byte_more_does_not():
    assert unpack_part(pack_part(("a" * 65_535,))) == ("a" * 65_535,)
    with pytest.raises(MalformedPart) as caught:
        pack_part(("", "a" * 65_536))
    assert caught.value.details == {"field": 1}


def test_255_fields_fit_and_one_more_does_not():
    assert unpack_part(pack_part(("",) * 255)) == ("",) * 255
    with pytest.raises(MalformedPart):
        pack_part(("",) * 256)


def test_an_error_about_a_field_does_not_carry_its_text():
    with pytest.raises(MalformedPart) as caught:
        pack_part(("林间溪\ud800",))
    assert "林" not in str(caught.value.as_dict())
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
