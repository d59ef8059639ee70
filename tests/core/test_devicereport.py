"""Statements of devices: the example of the page, and each member bent."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from midan.core.devicereport import (
    ENROL,
    REPORT,
    Enrolment,
    Facts,
    Report,
    Signed,
    StatementRefused,
    Switch,
    System,
    check,
    plain,
    read_enrolment,
    read_facts,
    read_report,
    read_signed,
    write_enrolment,
    write_report,
)
from midan.core.sm import SigningKey

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
FACTS = Facts(
    system=System.LINUX,
    name="Debian GNU/Linux",
    version="12",
    patch_days=9,
    disk=Switch.ON,
    antivirus=Switch.ON,
    antivirus_days=1,
    screen_lock=Switch.UNKNOWN,
    firewall=Switch.ON,
    agent="0.1.0",
    agent_days=12,
)
REPORTED = Report(device="6f1e0c2a9b7d4e5f8a1b2c3d4e5f6071", counter=7, at=AT, link=False, facts=FACTS)
# The private key is the bytes 1 to 32; signatures carry chance, so one that was made is kept.
PUBLIC = (
    "46d1086f6e5c938447f05280db707c279a7b459c38f19e4d9a30ad2dadf9f28a"
    "f45fc1dc5b377736b57e97e7e0563ccca24c97f440e1d137e5941d84d2eb43c9"
)
SIGNATURE = "MEQCIC8T+bE5mUiPkhEc5mvxxp3jZHhQRYo9GaRPNO1thstxAiAnQVMP0/u4D5l8V1qy4AtvP2X9LN9joZ/33tDe79InXw=="


@pytest.fixture(scope="module")
def key():
    return SigningKey.from_bytes(bytes(range(1, 33)))


def statement_of_the_page():
    page = ROOT / "specs" / "device-report.md"
    lines = page.read_text("utf-8").split("```")[1].strip().splitlines()
    return "".join(line.strip() for line in lines)


def bent(**changes):
    whole = json.loads(statement_of_the_page()) | changes
    return Signed(
        statement=json.dumps(
            {name: value for name, value in whole.items() if value != "gone"},
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        ),
        signature=b"",
    )


def test_the_example_of_the_page_is_what_is_written_and_its_kept_signature_holds(key):
    body = write_report(REPORTED, key)
    assert body["statement"] == statement_of_the_page()
    assert key.public.hex() == PUBLIC
    kept = read_signed({"statement": statement_of_the_page(), "signature": SIGNATURE})
    check(kept, label=REPORT, public=bytes.fromhex(PUBLIC))
    assert read_report(kept) == REPORTED


def test_the_kept_signature_holds_by_hand_too(monkeypatch):
    """The ciphers written out with plain integers, beside the vectors: nothing of the package, nothing of its library."""
    monkeypatch.syspath_prepend(ROOT / "vectors")
    by_hand = import_module("plain_sm")
    message = b"midan/device-report/1\x00" + statement_of_the_page().encode()
    assert by_hand.sm2_holds(bytes.fromhex(PUBLIC), message, b64decode(SIGNATURE))
    assert not by_hand.sm2_holds(bytes.fromhex(PUBLIC), message + b" ", b64decode(SIGNATURE))


def test_an_enrolment_comes_back_as_it_was_written(key):
    said = Enrolment(code="c0de", name="前台电脑", public=key.public, system=System.WINDOWS, at=AT)
    signed = read_signed(write_enrolment(said, key))
    assert read_enrolment(signed) == said
    check(signed, label=ENROL, public=key.public)


def test_a_statement_of_one_kind_is_no_statement_of_another(key):
    signed = read_signed(write_report(REPORTED, key))
    with pytest.raises(StatementRefused):
        read_enrolment(signed)
    with pytest.raises(StatementRefused) as refused:
        check(signed, label=ENROL, public=key.public)
    assert refused.value.details["problem"] == "signature"


def test_one_changed_letter_breaks_the_signature(key):
    signed = read_signed(write_report(REPORTED, key))
    better = replace(signed, statement=signed.statement.replace('"patch_days":9', '"patch_days":1'))
    assert read_report(better).facts.patch_days == 1
    with pytest.raises(StatementRefused):
        check(better, label=REPORT, public=key.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"counter": 0},
        {"counter": -1},
        {"counter": True},
        {"counter": "7"},
        {"counter": 2**53},
        {"device": "6F" * 16},
        {"device": "6f" * 15},
        {"at": "2026-11-25T06:30:00Z"},
        {"at": "2026-11-25T14:30:00.000000+08:00"},
        {"at": 7},
        {"link": 1},
        {"format": ENROL},
        {"format": "gone"},
        {"extra": 1},
        {"facts": "gone"},
        {"facts": []},
    ],
)
def test_a_member_bent_is_refused(changes):
    with pytest.raises(StatementRefused):
        read_report(bent(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"disk": "yes"},
        {"disk": True},
        {"patch_days": -1},
        {"patch_days": 1.5},
        {"patch_days": 10**9},
        {"antivirus_days": "1"},
        {"system": "plan9"},
        {"name": "a" * 65},
        {"name": "a\nb"},
        {"more": "on"},
    ],
)
def test_a_fact_bent_is_refused(changes):
    with pytest.raises(StatementRefused):
        read_facts(plain(FACTS) | changes)
    missing = plain(FACTS)
    del missing["firewall"]
    with pytest.raises(StatementRefused):
        read_facts(missing)


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: " " + text,
        lambda text: text.replace(",", ", ", 1),
        lambda text: text.replace('"counter":7', '"counter":7,"counter":7'),
        lambda text: text.replace("Debian", "\\u0044ebian"),
        lambda text: text + " " * 5_000,
        lambda text: "[" * 100_000,
        lambda text: text.replace("Debian", "\ud800"),
    ],
)
def test_another_spelling_is_refused_so_that_two_readers_read_one_thing(spelling):
    with pytest.raises(StatementRefused):
        read_report(Signed(statement=spelling(statement_of_the_page()), signature=b""))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"statement": "x"},
        {"statement": "x", "signature": 1},
        {"statement": "x", "signature": "?"},
        {"statement": "x", "signature": "", "more": ""},
    ],
)
def test_a_body_of_another_shape_is_refused(body):
    with pytest.raises(StatementRefused):
        read_signed(body)
