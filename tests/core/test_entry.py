"""Audit entries: one spelling, no personal data, leaves that reveal nothing."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core import entry as audit_entry
from midan.core.entry import Entry, MalformedEntry

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "entry.json").read_text(encoding="utf-8"))
PLAIN = Entry(
    entry_id="00112233445566778899aabbccddeeff",
    time="2026-01-02T03:04:05.000006Z",
    actor="staff:S00017",
    act="access:part:revealed",
    object="search:phone",
    outcome="allowed",
)
# Invented: 170-0000-xxxx numbers and an identity number with an impossible date.
PHONE = "17000001234"
IDENTITY = "11010199990000123X"

text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="0123456789"), min_size=1, max_size=40
)
codes = st.text(st.sampled_from("abcdXYZ._-/:"), max_size=20)
tokens = st.binary(min_size=16, max_size=16).map(bytes.hex)
entries = st.builds(
    Entry,
    entry_id=tokens,
    time=st.datetimes(timezones=st.just(UTC)).map(audit_entry.rfc3339),
    actor=text,
    act=st.just("a:b_2:c"),
    object=text,
    outcome=st.sampled_from(audit_entry.Outcome),
    party=st.lists(tokens, max_size=3).map(tuple),
    purpose=codes,
    reason=codes,
    clause=codes,
    policy=codes,
    device=text,
    address=codes,
    count=st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
    details=st.dictionaries(
        st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True), codes | st.integers(0, 999), max_size=4
    ),
)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["comment"])
def test_published_entries_have_these_bytes_and_leaves(case):
    fields = {**case["fields"], "party": tuple(case["fields"]["party"])}
    data = b64decode(case["base64"])
    assert Entry(**fields).to_bytes() == data == case["bytes"].encode()
    assert Entry.from_bytes(data) == Entry(**fields)
    assert audit_entry.entry_leaf(bytes.fromhex(case["salt"]), data).hex() == case["leaf"]


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: case["comment"])
def test_other_spellings_are_refused(case):
    with pytest.raises(MalformedEntry):
        Entry.from_bytes(case["bytes"].encode())


@given(entries)
def test_every_entry_reads_back_from_its_only_spelling(entry):
    data = entry.to_bytes()
    assert Entry.from_bytes(data) == entry
    assert json.loads(data)["details"] == dict(entry.details)
    with pytest.raises(MalformedEntry):
        Entry.from_bytes(data.replace(b'":', b'": ', 1))


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_refused_without_an_accident(data):
    with pytest.raises(MalformedEntry):
        Entry.from_bytes(data)


@pytest.mark.parametrize("name", sorted(json.loads(PLAIN.to_bytes())))
@pytest.mark.parametrize("value", [1.5, True, {"A": 1}, ["x"], [1], [None], "\ud800"], ids=repr)
def test_a_field_of_another_type_is_refused(name, value):
    plain = json.loads(PLAIN.to_bytes())
    data = json.dumps({**plain, name: value}, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(MalformedEntry):
        Entry.from_bytes(data)


@pytest.mark.parametrize(
    "value", [PHONE, f"order {PHONE} x", f"+86{PHONE}", f"86{PHONE}", IDENTITY, f"id:{IDENTITY}"]
)
@pytest.mark.parametrize("name", ["actor", "object", "device", "details"])
def test_a_phone_or_identity_number_never_enters_the_log_or_the_error(name, value):
    with pytest.raises(MalformedEntry) as refused:
        replace(PLAIN, **{name: {"code": value.replace(" ", "/")} if name == "details" else value})
    shown = str(refused.value.as_dict())
    assert PHONE not in shown
    assert IDENTITY not in shown
    assert refused.value.details["field"] == name


@pytest.mark.parametrize(
    "change",
    [
        {"entry_id": "0" * 31}, {"entry_id": "A" * 32}, {"time": "2026-02-30T00:00:00.000000Z"},
        {"time": "2026-01-02T03:04:05.000006+00:00"}, {"act": "reveal"}, {"act": "a:b:c:d"}, {"outcome": "ok"},
        {"actor": ""}, {"object": ""}, {"party": ("x",)}, {"party": ("0" * 32,) * 65}, {"reason": "two words"},
        {"purpose": "派送"}, {"details": {"Bad Key": 1}}, {"details": {"a": "free text"}}, {"count": 2**53},
        {"details": {f"k{n}": 1 for n in range(33)}}, {"object": "x" * 257},
    ],
    ids=str,
)  # fmt: skip
def test_free_text_and_wrong_shapes_have_no_place(change):
    with pytest.raises(MalformedEntry):
        replace(PLAIN, **change)


def test_details_cannot_be_changed_after_the_check():
    given_details = {"fields": 1}
    entry = replace(PLAIN, details=given_details)
    given_details["fields"] = 9
    assert entry.details == {"fields": 1}
    with pytest.raises(TypeError):
        entry.details["fields"] = 2


def test_the_time_is_written_in_utc_with_six_decimals():
    shanghai = datetime(2026, 1, 2, 11, 4, 5, tzinfo=timezone(timedelta(hours=8)))
    assert audit_entry.rfc3339(shanghai) == "2026-01-02T03:04:05.000000Z"
    with pytest.raises(ValueError, match="zone"):
        audit_entry.rfc3339(shanghai.replace(tzinfo=None))


def test_the_salt_hides_equal_entries_and_has_one_length():
    data = PLAIN.to_bytes()
    assert audit_entry.entry_leaf(bytes(32), data) != audit_entry.entry_leaf(b"\x01" * 32, data)
    with pytest.raises(ValueError, match="32 bytes"):
        audit_entry.entry_leaf(b"", data)
