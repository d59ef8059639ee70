"""The device's key lies in a file of its person alone, is never overwritten, and its counter never falls."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from midan.agent import keyfile, talking
from midan.agent.errors import (
    AlreadyEnrolled,
    CodeUnreadable,
    KeyUnsafe,
    NotEnrolled,
    ServerUnreachable,
    ServerUnsafe,
)
from midan.core.sm import SigningKey

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


@pytest.fixture
def held():
    return keyfile.Held(server="http://localhost:1", device="6f" * 16, key=SigningKey.generate(), counter=3)


def test_what_is_kept_is_its_persons_alone_and_comes_back(tmp_path, held):
    place = tmp_path / "of" / "mine"
    keyfile.keep(place, held)
    assert (place / keyfile.NAME).stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
    found = keyfile.read(place)
    assert (found.server, found.device, found.counter) == (held.server, held.device, 3)
    assert found.key.to_bytes() == held.key.to_bytes()
    keyfile.keep(place, replace(found, counter=4))
    assert keyfile.read(place).counter == 4
    assert [path.name for path in place.iterdir()] == [keyfile.NAME]


def test_a_key_others_can_read_is_not_used(tmp_path, held):
    keyfile.keep(tmp_path, held)
    (tmp_path / keyfile.NAME).chmod(0o640)
    with pytest.raises(KeyUnsafe):
        keyfile.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"private": "00"}', b"\xff"])
def test_a_damaged_file_is_said_to_be_damaged(tmp_path, content):
    (tmp_path / keyfile.NAME).write_bytes(content)
    (tmp_path / keyfile.NAME).chmod(0o600)
    with pytest.raises(KeyUnsafe):
        keyfile.read(tmp_path)


def test_without_a_key_there_is_nothing_to_report(tmp_path):
    with pytest.raises(NotEnrolled):
        talking.report(place=tmp_path, now=NOW)


def test_a_report_that_got_lost_costs_a_number(tmp_path, held):
    keyfile.keep(tmp_path, held)
    with pytest.raises(ServerUnreachable):
        talking.report(place=tmp_path, now=NOW)
    assert keyfile.read(tmp_path).counter == 4


def enrol(tmp_path, **changes):
    code = tmp_path / "code.txt"
    if not code.exists():
        code.write_text("c0de\n")
    asked = {"server": "http://localhost:1", "code_file": code, "name": "x", "place": tmp_path, "now": NOW}
    return talking.enrol(**asked | changes)


def test_a_second_key_is_not_put_over_the_first(tmp_path, held):
    keyfile.keep(tmp_path, held)
    with pytest.raises(AlreadyEnrolled):
        enrol(tmp_path)


@pytest.mark.parametrize("server", ["http://midan.example.com", "ftp://localhost", "localhost:8000", ""])
def test_a_code_is_sent_to_nobody_who_could_be_listened_to(tmp_path, server):
    with pytest.raises(ServerUnsafe):
        enrol(tmp_path, server=server)


def test_a_code_file_that_is_empty_or_missing_is_named(tmp_path):
    (tmp_path / "code.txt").write_text(" \n")
    with pytest.raises(CodeUnreadable):
        enrol(tmp_path)
    with pytest.raises(CodeUnreadable):
        enrol(tmp_path, code_file=tmp_path / "none")
