"""The quick reading of an entry never says more than the careful one."""

import string

from hypothesis import given
from hypothesis import strategies as st

from midan.audit.rules import _SHAPE, COLUMNS, SEPARATOR, read_columns
from midan.core.entry import Entry, MalformedEntry

_PIECES = st.sampled_from(
    [
        "waybill:MD0000000000017",
        "17000001234",
        "13800000000",
        "a",
        "7",
        "-",
        ":",
        ".",
        "é",
        '"',
        "\\",
        "x" * 130,
        "_1",
    ]
)
_TEXT = st.one_of(st.lists(_PIECES, min_size=1, max_size=4).map("".join), st.text(min_size=1, max_size=12))
_CODE = st.text(string.ascii_letters + string.digits + ':_.-/+ "\\', max_size=14)
_SLUG = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=5)


def carefully(data: bytes):
    try:
        entry = Entry.from_bytes(data)
    except MalformedEntry:
        return None
    columns = SEPARATOR.join(str(getattr(entry, name)).encode() for name in COLUMNS)
    return columns, tuple(bytes.fromhex(token) for token in entry.party)


@st.composite
def spelled(draw):
    """Bytes near an entry: often canonical, often not quite."""
    import json

    plain = {
        "act": draw(st.sampled_from(["access:part:revealed", "a:b", "A:b:c", "a:b:c"])),
        "actor": draw(_TEXT),
        "address": draw(_CODE),
        "clause": draw(_CODE),
        "count": draw(st.one_of(st.none(), st.integers(), st.sampled_from([1.5, "1", True]))),
        "details": draw(st.dictionaries(_SLUG, st.one_of(_CODE, st.integers()), max_size=3)),
        "device": draw(st.one_of(st.just(""), _TEXT)),
        "entry_id": draw(st.sampled_from(["0f" * 16, "0F" * 16, "1" * 32])),
        "object": draw(_TEXT),
        "outcome": draw(st.sampled_from(["done", "denied", "maybe"])),
        "party": draw(st.lists(st.sampled_from(["ab" * 16, "cd" * 16, "xy"]), max_size=2)),
        "policy": draw(_CODE),
        "purpose": draw(_CODE),
        "reason": draw(_CODE),
        "time": draw(
            st.sampled_from(
                [
                    "2026-02-28T23:59:59.000001Z",
                    "2026-02-30T00:00:00.000000Z",
                    "2026-12-31T00:00:00.000000Z",
                    "0000-01-01T00:00:00.000000Z",
                ]
            )
        ),
        "v": draw(st.sampled_from([1, 1, 1, 2])),
    }
    text = json.dumps(
        plain, sort_keys=draw(st.booleans()), ensure_ascii=draw(st.booleans()), separators=(",", ":")
    )
    return text.encode()


@given(spelled())
def test_the_quick_and_the_careful_reading_agree(data):
    assert read_columns(data) == carefully(data)


@given(st.data())
def test_one_altered_byte_reads_alike_both_ways(data):
    entry = Entry(
        entry_id="0f" * 16,
        time="2026-11-23T06:30:00.000000Z",
        actor="staff:S00017",
        act="access:part:revealed",
        object="waybill:MD0000000000017",
        outcome="done",
        party=("ab" * 16, "cd" * 16),
        details={"branch": "HZ001", "count": 12, "role": "clerk"},
    ).to_bytes()
    assert _SHAPE.fullmatch(entry)
    place = data.draw(st.integers(0, len(entry) - 1))
    changed = entry[:place] + bytes([data.draw(st.integers(0, 255))]) + entry[place + 1 :]
    assert read_columns(changed) == carefully(changed)


def test_keys_out_of_order_are_not_canonical_the_quick_way_either():
    entry = Entry(
        entry_id="0f" * 16, time="2026-11-23T06:30:00.000000Z", actor="a", act="a:b:c", object="o", outcome="done",
        details={"branch": "HZ001", "role": "clerk"},
    ).to_bytes()  # fmt: skip
    swapped = entry.replace(b'"branch":"HZ001","role":"clerk"', b'"role":"clerk","branch":"HZ001"')
    assert swapped != entry
    assert read_columns(swapped) is None
    assert read_columns(entry) is not None
