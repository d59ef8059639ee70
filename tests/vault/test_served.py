"""keyd as a process others ask: every call crosses the socket unchanged, and whoever asks can never hold a key."""

import os
import socket
import struct
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from errno import ENOSPC
from threading import Event, Thread
from time import monotonic, sleep

import msgspec
import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from midan.audit import selectors as log
from midan.audit.services import integrate
from midan.catalog import settings
from midan.core.blind import Kind
from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant
from midan.store.errors import StorageFailed, StorageFull
from midan.vault import keyd, selectors, services
from midan.vault.errors import (
    BlockRefused,
    EpochDestroyed,
    GrantRefused,
    LogBehind,
    OpeningsLimited,
    PartDamaged,
    VaultLocked,
    VaultNotInitialised,
    WarrantRefused,
    WrongPassphrase,
)
from midan.vault.keeping import lengths
from midan.vault.keyd import entries, leasing, opening, patience, server, wire
from midan.vault.keyd.limits import RateBudget, SpentEntries
from midan.vault.keyd.remote import RemoteKeyd, answers
from midan.vault.keyd.stored import sealed_parts
from midan.vault.models import DESTROYED, Epoch, FrontierRow, Part, State
from midan.vault.rules import LARGEST_BLOCK
from tests.vault.orders import RECIPIENT, entry_for, find, grant_for, order, put, searched
from tests.vault.runs import OFFICER, approved, warrant

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = frozenset({"recipient_phone"})
TODAY = timezone.localdate()
DAY = {"retention": "standard", "day": TODAY, "due": TODAY + timedelta(days=365)}


@contextmanager
def serving(path, begin):
    """Serve in a thread of this process: the same code a process of its own runs."""
    stop = Event()
    thread = Thread(target=server.serve, args=(begin, path, stop), daemon=True)
    thread.start()
    try:
        until(lambda: answers(path))
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def until(holds) -> None:
    end = monotonic() + 10
    while not holds():
        assert monotonic() < end
        sleep(0.02)


def not_locked(holds) -> bool:
    try:
        return holds()
    except VaultLocked:
        return False


@pytest.fixture
def asked(vault, monkeypatch):
    """A keyd that serves, and a process that may only ask."""
    path = settings.current().keyd_socket
    since = timezone.now()
    with serving(path, lambda: keyd.local(serves_since=since)):
        monkeypatch.setenv("MIDAN_KEYD", "served")
        yield RemoteKeyd(path)


@pytest.fixture
def stored(asked):
    put([order(1), order(2)], day=TODAY)
    return asked


def test_an_order_is_sealed_found_shown_and_opened_through_the_socket(stored):
    assert isinstance(keyd.connect(), RemoteKeyd)
    assert selectors.masked([1])[1].recipient.phone.endswith(RECIPIENT.phone[-4:])
    assert [hit.seq for hit in find(Kind.PHONE, RECIPIENT.phone)] == [2, 1]
    now = timezone.now()
    grant = grant_for(1, PHONE, now)
    opened = services.open_fields(grant=grant, seq=1, now=now)
    assert opened["recipient_phone"].reveal(grant) == RECIPIENT.phone
    assert stored.check_parts(sealed_parts([1, 2])) == [True] * 6
    seen = stored.inspect(now=now)
    assert (seen.tried, seen.good, seen.found) == (6, 6, False)
    assert stored.status().keeper == "file"


def test_nothing_is_read_while_nobody_signs_the_log(stored, monkeypatch):
    now = timezone.now()
    # An act that took long bears an old time, and has not waited yet.
    entry_for(2, PHONE, now - timedelta(hours=1))
    assert services.open_fields(grant=grant_for(1, PHONE, now), seq=1, now=now)
    monkeypatch.setattr(entries, "monotonic", lambda: monotonic() + 61)
    with pytest.raises(LogBehind):
        services.open_fields(grant=grant_for(1, PHONE, now), seq=1, now=now)
    with pytest.raises(LogBehind):
        find(Kind.PHONE, RECIPIENT.phone)
    put([order(3)], day=TODAY)  # intake goes on
    integrate(now=timezone.now())
    now = timezone.now()
    assert services.open_fields(grant=grant_for(1, PHONE, now), seq=1, now=now)
    assert len(find(Kind.PHONE, RECIPIENT.phone)) == 3


def test_both_ways_of_asking_give_the_same_answers(stored):
    inside = keyd.local()
    assert stored.mask_orders([1, 2], list(PartCode)) == inside.mask_orders([1, 2], list(PartCode))
    assert len(inside.mask_orders([1, 2], list(PartCode))) == 6
    assert [
        sorted(one.find(Kind.PHONE, RECIPIENT.phone, commit=lambda: searched(Kind.PHONE), now=timezone.now()))
        for one in (stored, inside)
    ] == [[(1, 2), (2, 2)]] * 2
    assert stored.company_secret("number") == inside.company_secret("number")


def test_errors_cross_as_themselves(stored):
    parts = sealed_parts([1])
    bent = Part.objects.filter(epoch=parts[0].epoch, leaf=parts[0].leaf)
    assert bent.update(sealed=parts[0].sealed[:-1] + bytes([parts[0].sealed[-1] ^ 1])) == 1
    with pytest.raises(PartDamaged) as damaged:
        stored.mask_orders([1], list(PartCode))
    assert damaged.value.details == {"epoch": parts[0].epoch, "leaf": parts[0].leaf}
    Epoch.objects.update(state=DESTROYED)
    with pytest.raises(EpochDestroyed):
        stored.reserve(**_day_of(parts[0].epoch), records=1)


def _day_of(number: int) -> dict[str, object]:
    epoch = Epoch.objects.get(number=number)
    return {"retention": epoch.retention, "day": epoch.day, "due": epoch.due}


def test_a_wrong_passphrase_is_told_to_whoever_asks(vault, monkeypatch):
    settings.current().passphrase_file.write_bytes(b"some other passphrase")
    path = settings.current().keyd_socket
    with serving(path, keyd.local), pytest.raises(WrongPassphrase):
        RemoteKeyd(path).status()


def test_without_a_vault_the_answer_is_the_same(midan_home, transactional_db):
    path = settings.current().keyd_socket
    with serving(path, keyd.local), pytest.raises(VaultNotInitialised):
        RemoteKeyd(path).status()


def test_a_command_beside_a_served_home_asks_there_and_alone_helps_itself(vault):
    path = settings.current().keyd_socket
    with serving(path, keyd.local):
        keyd._connections.clear()
        assert isinstance(keyd.connect(), RemoteKeyd)
    keyd._connections.clear()
    assert isinstance(keyd.connect(), keyd.LocalKeyd)


def test_a_web_process_whose_keyd_is_gone_is_locked_and_opens_nothing_itself(vault, monkeypatch):
    monkeypatch.setenv("MIDAN_KEYD", "served")
    keyd._connections.clear()
    with pytest.raises(VaultLocked):
        services.unlock()


def test_a_keyd_that_was_started_again_is_found_again(vault):
    path = settings.current().keyd_socket
    asker = RemoteKeyd(path)
    for _ in range(2):
        with serving(path, keyd.local):
            assert asker.status().generation == 1
    with pytest.raises(VaultLocked):
        asker.status()


def test_of_two_keyds_of_one_home_the_second_waits_for_the_first(vault):
    path = settings.current().keyd_socket
    began = []
    with serving(path, lambda: began.append("first") or keyd.local()):
        stop = Event()
        second = Thread(
            target=server.serve,
            args=(lambda: began.append("second") or keyd.local(), path, stop),
            daemon=True,
        )
        second.start()
        sleep(0.5)
        assert began == ["first"]
    until(lambda: began == ["first", "second"] and answers(path))
    assert RemoteKeyd(path).status().generation == 1
    stop.set()
    second.join(timeout=10)


def test_a_forked_process_asks_over_a_connection_of_its_own(stored):
    before = keyd.connect()
    before.status()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"new" if keyd.connect() is not before else b"old")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 3) == b"new"
    os.close(reading), os.close(writing)


def test_a_deep_home_is_reached_all_the_same(vault, tmp_path):
    path = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6) / "run" / "keyd.sock"
    assert len(str(path)) > 150
    with serving(path, keyd.local):
        assert RemoteKeyd(path).status().generation == 1
        assert path.stat().st_mode & 0o777 == 0o600


# What a web process can do that somebody has taken over: everything this account can do with the database and the socket.


def test_a_taken_over_process_opens_nothing_without_an_entry_of_its_own(stored):
    now = timezone.now()
    forged = replace(grant_for(1, PHONE, now), entry_id="0" * 32)
    old = grant_for(1, PHONE, now, entry_for(1, PHONE, now - timedelta(minutes=2)))
    wider = replace(grant_for(1, PHONE, now), fields=frozenset({"recipient_phone", "recipient_name"}))
    for grant, mismatch in ((forged, "no_entry"), (old, "entry_age"), (wider, "fields")):
        with pytest.raises(GrantRefused) as refused:
            stored.open_order(grant=grant, seq=1, now=now)
        assert refused.value.details == {"mismatch": mismatch}


def test_a_taken_over_process_cannot_turn_keyds_clock_back(stored):
    earlier = timezone.now() - timedelta(minutes=5)
    with pytest.raises(GrantRefused) as refused:
        stored.open_order(grant=grant_for(1, PHONE, earlier), seq=1, now=earlier)
    assert refused.value.details == {"mismatch": "age"}


def test_an_entry_opens_once_whichever_process_asks(stored):
    now = timezone.now()
    grant = grant_for(1, PHONE, now)
    assert stored.open_order(grant=grant, seq=1, now=now)
    with pytest.raises(GrantRefused) as refused:
        RemoteKeyd(settings.current().keyd_socket).open_order(grant=grant, seq=1, now=now)
    assert refused.value.details == {"mismatch": "spent"}


def test_an_entry_used_before_keyd_was_started_again_opens_nothing_after(vault):
    put([order(1)])
    path, now = settings.current().keyd_socket, timezone.now()
    grant = grant_for(1, PHONE, now)
    with serving(path, lambda: keyd.local(serves_since=now)):
        assert RemoteKeyd(path).open_order(grant=grant, seq=1, now=now)
    with (
        serving(path, lambda: keyd.local(serves_since=timezone.now())),
        pytest.raises(GrantRefused) as refused,
    ):
        RemoteKeyd(path).open_order(grant=grant, seq=1, now=now)
    assert refused.value.details == {"mismatch": "before_start"}


def test_a_search_gets_no_answer_without_the_entry_of_just_this_search(stored):
    now = timezone.now()
    bent = {
        "no_entry": lambda: "0" * 32,
        "act": lambda: entry_for(1, PHONE, now),
        "object": lambda: searched(Kind.PHONE_TAIL),
        "outcome": lambda: searched(Kind.PHONE, outcome="denied"),
        "entry_age": lambda: searched(Kind.PHONE, at=now - timedelta(minutes=2)),
    }
    for mismatch, commit in bent.items():
        with pytest.raises(GrantRefused) as refused:
            stored.find(Kind.PHONE, RECIPIENT.phone, commit=commit, now=timezone.now())
        assert refused.value.details == {"mismatch": mismatch}
    assert len(find(Kind.PHONE, RECIPIENT.phone)) == 2


def test_one_entry_is_good_for_one_search(stored):
    entry_id = searched(Kind.PHONE)
    assert stored.find(Kind.PHONE, RECIPIENT.phone, commit=lambda: entry_id, now=timezone.now())
    with pytest.raises(GrantRefused) as refused:
        stored.find(Kind.PHONE, "17000001234", commit=lambda: entry_id, now=timezone.now())
    assert refused.value.details == {"mismatch": "spent"}


def test_a_search_whose_entry_cannot_be_written_is_none_and_the_next_call_is_answered(stored):
    def full() -> str:
        raise OSError("no room for the entry")

    with pytest.raises(OSError, match="no room"):
        stored.find(Kind.PHONE, RECIPIENT.phone, commit=full, now=timezone.now())
    assert stored.status().generation == 1


def test_searches_and_openings_are_limited_together(vault, monkeypatch):
    put([order(1)])
    monkeypatch.setenv("MIDAN_KEYD_OPENINGS", "2")
    path = settings.current().keyd_socket
    with serving(path, keyd.local):
        monkeypatch.setenv("MIDAN_KEYD", "served")
        keyd._connections.clear()
        assert find(Kind.PHONE, RECIPIENT.phone)
        assert find(Kind.PHONE, RECIPIENT.phone)
        with pytest.raises(OpeningsLimited):
            find(Kind.PHONE, RECIPIENT.phone)


def test_more_openings_a_minute_than_the_company_set_are_refused_whatever_the_log_says(vault, monkeypatch):
    put([order(1)])
    monkeypatch.setenv("MIDAN_KEYD_OPENINGS", "2")
    path, now = settings.current().keyd_socket, timezone.now()
    with serving(path, keyd.local):
        asker = RemoteKeyd(path)
        for _ in range(2):
            asker.open_order(grant=grant_for(1, PHONE, now), seq=1, now=now)
        with pytest.raises(OpeningsLimited):
            asker.open_order(grant=grant_for(1, PHONE, now), seq=1, now=now)


def test_no_call_names_a_block_that_was_used_before(stored):
    lease = stored.reserve(**DAY, records=5)
    again = stored.reserve(**DAY, records=5)
    assert again.first_record >= lease.first_record + lease.count
    calls = {name for name in dir(RemoteKeyd) if callable(getattr(RemoteKeyd, name)) and name[0] != "_"}
    assert calls == set(wire.CALLS)
    assert "lease" not in wire.CALLS


@pytest.mark.parametrize(
    "change",
    [
        {"records": LARGEST_BLOCK + 1},
        {"records": 1 << 30},
        {"records": 0},
        {"day": TODAY + timedelta(days=30)},
        {"day": TODAY + timedelta(days=1)},
        {"day": TODAY - timedelta(days=30)},
        {"retention": "forever"},
        {"retention": "tracking"},
        {"retention": "carried"},
    ],
)
def test_nobody_reserves_a_whole_day_another_day_or_a_class_of_his_own(stored, change):
    before = Epoch.objects.count()
    with pytest.raises(BlockRefused):
        stored.reserve(**(DAY | {"records": 1} | change))
    assert Epoch.objects.count() == before


def test_the_day_due_is_keyds_own_whatever_a_caller_says(stored):
    """An epoch due today would be destroyed tomorrow by the schedule, with every honest order of the day in it."""
    Epoch.objects.all().delete()
    lease = stored.reserve(retention="standard", day=TODAY, due=TODAY, records=1)
    assert (
        Epoch.objects.get(number=lease.epoch).due
        == lengths.due_day("standard", TODAY)
        > TODAY + timedelta(days=30)
    )
    with pytest.raises(VaultLocked):
        stored._call("reserve", "standard", TODAY, TODAY, 1)


@pytest.mark.parametrize(
    ("said", "kind"),
    [("database or disk is full", StorageFull), ("disk I/O error", StorageFailed)],
)
def test_a_disk_without_room_under_keyd_is_told_as_such(stored, monkeypatch, said, kind):
    def broken(*_):
        raise OperationalError(said)

    monkeypatch.setattr(leasing, "_advance", broken)
    with pytest.raises(kind):
        services.reserve(retention="standard", day=TODAY, records=1)


def test_a_keeper_without_room_is_told_as_a_full_disk_on_both_sides_of_the_socket(stored, monkeypatch):
    def no_room(_):
        raise OSError(ENOSPC, "no room")

    Epoch.objects.all().delete()
    monkeypatch.setattr("midan.vault.keyd.shelf.os.fsync", no_room)
    for asked in (stored, keyd.local()):
        with pytest.raises(StorageFull) as full:
            asked.reserve(retention="standard", day=TODAY, records=1)
        assert (full.value.code, full.value.details["keeper"]) == ("storage_full", "file")
    assert Epoch.objects.count() == 0


def test_a_clock_a_few_minutes_ahead_may_take_records_of_its_day(stored, monkeypatch):
    tomorrow = TODAY + timedelta(days=1)
    late = timezone.make_aware(datetime.combine(tomorrow, time())) - timedelta(minutes=4)
    monkeypatch.setattr(server.timezone, "now", lambda: late)
    assert stored.reserve(retention="standard", day=tomorrow, records=1).count == 1
    monkeypatch.setattr(server.timezone, "now", lambda: late - timedelta(minutes=10))
    with pytest.raises(BlockRefused):
        stored.reserve(retention="standard", day=tomorrow, records=1)


def test_no_call_takes_a_text_to_look_for_in_sealed_parts(stored):
    """Whoever can ask whether a text of his own stands in a part needs no key: eleven digits are soon guessed."""
    takes_parts = {name for name, call in wire.CALLS.items() if "parts" in name}
    assert takes_parts == {"check_parts"}
    for name, sent in (("mask_orders", [[], []]), ("check_parts", [[]])):
        with pytest.raises(VaultLocked):
            stored._call(name, *sent, RECIPIENT.phone)


def test_who_writes_a_guess_into_a_clear_column_learns_one_bit_an_hour_and_is_logged_for_it(
    stored, monkeypatch
):
    """Guesses stand in a column that a web process may write: keyd answers one round of them, whoever asks how often."""
    started = timezone.now()
    for _ in range(3):
        assert stored.inspect(now=started + timedelta(days=1)).found is False
    Epoch.objects.update(retention=RECIPIENT.phone)
    assert stored.inspect(now=started + timedelta(days=1)).found is False
    assert _inspections() == [(6, 6, 0)]
    for sent in ([2, 1000], [1]):
        with pytest.raises(VaultLocked):
            stored._call("inspect", *sent)
    monkeypatch.setattr(server.timezone, "now", lambda: started + timedelta(hours=1, minutes=1))
    assert stored.inspect(now=started).found is True
    assert _inspections()[-1] == (6, 6, 1)
    assert {type(value) for value in asdict(stored.inspect(now=started)).values()} == {datetime, int, bool}


def _inspections() -> list:
    found = [item.entry.details for item in log.entries(log.EntryFilter(act="vault:storage:inspected")).items]
    return [(details["tried"], details["good"], details["found"]) for details in reversed(found)]


def test_nothing_that_crosses_the_socket_holds_a_key_of_what_is_stored(stored, monkeypatch):
    """Ask everything there is to ask, keep every byte answered, and look for each secret keyd holds."""
    crossed = []
    real = wire.receive
    monkeypatch.setattr(wire, "receive", lambda connection: crossed.append(real(connection)) or crossed[-1])
    parts = sealed_parts([1, 2])
    (
        stored.status(),
        stored.create_generation(),
        stored.create_company_secrets(),
        stored.mask_orders([1, 2], [1, 2]),
    )
    stored.check_parts(parts), find(Kind.PHONE, RECIPIENT.phone), stored.company_secret("number")
    stored.reserve(**DAY, records=50), stored.key_status(), stored.state_book(since=TODAY, limit=9)
    inside = keyd.local()
    digests = {digest for _, digest in inside.digests(Kind.PHONE, RECIPIENT.phone)}
    ring = inside._unlocked()
    leaves = {bytes(secret) for secret in opening.keys_of(ring, parts)[1] if secret}
    roots = {secret for keys in ring._epochs.values() for _, _, secret in keys.derivation.rows()}
    held = {ring.generation.secret} | leaves | roots | digests
    assert len(held) == 1 + 6 + FrontierRow.objects.count() + State.objects.count()
    bytes_seen = b"".join(frame for frame in crossed if frame)
    assert [secret for secret in held if secret in bytes_seen] == []
    assert RECIPIENT.phone.encode() not in bytes_seen.replace(_asked(RECIPIENT.phone), b"")


def _asked(text: str) -> bytes:
    return msgspec.msgpack.encode(text)


def _frame(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


@pytest.mark.parametrize(
    "request_",
    [
        wire.encode(wire.Request("_keys_of", wire.NOTHING)),
        wire.encode(wire.Request("__init__", wire.NOTHING)),
        wire.encode(wire.Request("open_order", msgspec.Raw(wire.encode(({"actor": 1}, 1))))),
        wire.encode(wire.Request("status", msgspec.Raw(wire.encode([1, 2, 3])))),
        b"\xc1",
        b"",
    ],
    ids=["private", "constructor", "wrong types", "too many", "no msgpack", "empty"],
)
def test_what_is_no_call_gets_one_refusal_and_the_next_call_an_answer(stored, request_):
    path = settings.current().keyd_socket
    with closing(socket.socket(socket.AF_UNIX)) as raw, wire.reachable(path) as name:
        raw.connect(name)
        wire.send(raw, request_)
        answer = wire.read_answer(wire.receive(raw))
        assert answer.fault is not None
        assert answer.fault.kind == "VaultLocked"
    assert stored.status().generation == 1


def test_a_frame_too_long_ends_the_connection_before_it_is_read(stored):
    path = settings.current().keyd_socket
    with closing(socket.socket(socket.AF_UNIX)) as raw, wire.reachable(path) as name:
        raw.connect(name)
        raw.sendall(struct.pack(">I", wire.MOST_BYTES + 1))
        assert raw.recv(1) == b""
    assert stored.status().generation == 1


@given(body=st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_a_call(body):
    answer = server._answer(None, body, lambda: "")
    assert answer.fault is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_account_is_turned_away(stored):
    path = settings.current().keyd_socket
    path.chmod(0o666)
    for folder in list(path.parents)[:-1]:
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o011)
    program = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1]); s.settimeout(5)\n"
        "try: print(s.recv(1))\n"
        "except ConnectionResetError: print(b'')"
    )
    with wire.reachable(path) as name:
        if name != str(path):
            pytest.skip("the temporary folder lies too deep for another account")
        told = subprocess.run(
            [sys.executable, "-c", program, name], capture_output=True, text=True, check=True, timeout=20
        )
    assert told.stdout.strip() == "b''"


def test_a_process_that_holds_keys_leaves_no_core_and_no_debugger():
    program = (
        "from midan.config.hardening import harden; import ctypes, resource\n"
        "harden(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=20
    )
    assert told.stdout.strip() == "0 (0, 0)"


def test_an_entry_is_remembered_as_long_as_a_grant_could_name_it(now):
    spent, later = SpentEntries(), now + timedelta(seconds=61)
    assert spent.spend("a", written=now, now=now)
    assert not spent.spend("a", written=now, now=now + timedelta(seconds=60))
    assert spent.spend("b", written=later, now=later)
    assert len(spent) == 1


def test_a_clock_set_back_makes_no_entry_good_again(now):
    spent, later = SpentEntries(), now + timedelta(seconds=61)
    assert spent.spend("a", written=now, now=now)
    assert spent.spend("b", written=later, now=later)
    assert not spent.spend("a", written=now, now=now)
    assert not spent.spend("never seen", written=now - timedelta(seconds=1), now=now)


def test_a_grant_sent_again_and_again_uses_up_nobodys_budget(vault, monkeypatch):
    put([order(1)])
    monkeypatch.setenv("MIDAN_KEYD_OPENINGS", "2")
    path, now = settings.current().keyd_socket, timezone.now()
    with serving(path, keyd.local):
        asker = RemoteKeyd(path)
        grant = grant_for(1, PHONE, now)
        asker.open_order(grant=grant, seq=1, now=now)
        for _ in range(5):
            with pytest.raises(GrantRefused):
                asker.open_order(grant=grant, seq=1, now=now)
        assert asker.open_order(grant=grant_for(1, PHONE, now), seq=1, now=now)


def test_a_keyd_that_does_not_answer_is_asked_once_and_given_up(vault, monkeypatch):
    """One stopped in the middle of a call would otherwise do a reserved block or an opening twice."""
    monkeypatch.setattr(patience, "LEAST", 0.2)
    path = settings.current().keyd_socket
    path.parent.mkdir(exist_ok=True)
    calls = []
    with closing(socket.socket(socket.AF_UNIX)) as listening, wire.reachable(path) as name:
        listening.bind(name)
        listening.listen()

        def take() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                with peer:
                    while (frame := wire.receive(peer)) is not None:
                        calls.append(frame)
                        if len(calls) == 1:
                            wire.send(peer, wire.encode(wire.Answer(None, wire.NOTHING)))

        taking = Thread(target=take, daemon=True)
        taking.start()
        asker = RemoteKeyd(path)
        with pytest.raises(msgspec.ValidationError):
            asker.status()  # answered with nothing: the connection is kept
        with pytest.raises(VaultLocked):
            asker.status()
        listening.shutdown(socket.SHUT_RDWR)
        taking.join(timeout=5)
    assert len(calls) == 2


def test_callers_who_only_hold_connections_are_counted_and_a_half_call_is_given_up(stored, monkeypatch):
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 3)
    monkeypatch.setattr(server, "_PATIENCE", 0.2)
    path = settings.current().keyd_socket
    with closing(socket.socket(socket.AF_UNIX)) as half, wire.reachable(path) as name:
        half.connect(name)
        half.settimeout(5)
        half.sendall(b"\0\0")
        assert half.recv(1) == b""
    keyd._connections.clear()
    held = []
    for _ in range(4):
        held.append(socket.socket(socket.AF_UNIX))
        with wire.reachable(path) as name:
            held[-1].connect(name)
        held[-1].settimeout(5)
    assert held[-1].recv(1) == b""
    for one in held:
        one.close()
    # Those that ended are counted until their threads have: a caller in between is turned away.
    until(lambda: not_locked(lambda: RemoteKeyd(path).status().generation == 1))


def test_the_budget_refills_evenly_and_never_beyond_a_minutes_worth():
    clock = [0.0]
    budget = RateBudget(60, lambda: clock[0])
    assert [budget.take() for _ in range(61)] == [True] * 60 + [False]
    clock[0] = 2.0
    assert [budget.take() for _ in range(3)] == [True, True, False]
    clock[0] = 1_000.0
    assert sum(budget.take() for _ in range(100)) == 60


def test_a_state_that_goes_stops_opening_at_once_in_the_keyd_that_serves(stored):
    assert find(Kind.PHONE, RECIPIENT.phone)
    State.objects.all().delete()
    assert find(Kind.PHONE, RECIPIENT.phone) == ()
    assert stored.mask_orders([1], list(PartCode)) == []


def test_destroying_and_the_ratchet_go_through_the_socket(stored):
    now, cuts = timezone.now(), [Cut(1), Cut(2, PartCode.SENDER)]
    done = services.puncture(actor=OFFICER, warrant=warrant(now, cuts=cuts), cuts=cuts, now=now)
    assert (done.records, done.parts) == (1, 1)
    assert selectors.key_status().unratcheted == 1
    turned = services.rotate(actor=OFFICER, now=now)
    assert [receipt.generation for receipt in turned.receipts] == [1]
    assert selectors.key_status().generation == turned.generation == 2
    assert services.settle(actor=OFFICER, now=now).receipts == ()
    assert sorted(selectors.masked([1, 2])) == [2]
    epoch = Epoch.objects.get().number
    paper = approved(now, epochs=[epoch])
    assert services.destroy(actor=OFFICER, warrant=paper, epochs=[epoch], now=now).epochs == 1
    assert selectors.masked([1, 2]) == {}


def test_a_taken_over_process_destroys_nothing_without_the_log(stored):
    now = timezone.now()
    forged = Warrant(entry_id="0" * 32, epochs=(1,), cuts=(Cut(1),))
    with pytest.raises(WarrantRefused):
        stored.destroy(actor=OFFICER, warrant=forged, epochs=[1], now=now)
    early = warrant(now, epochs=[1], basis="due")
    with pytest.raises(WarrantRefused) as refused:
        stored.destroy(actor=OFFICER, warrant=early, epochs=[1], now=now + timedelta(days=4_000))
    assert refused.value.details == {"mismatch": "not_due"}
    assert sorted(selectors.masked([1, 2])) == [1, 2]


def test_orders_and_reveals_go_on_while_the_ratchet_turns(stored):
    """Eight turns beside an intake and readers: nobody is refused and nothing is lost."""
    stop, troubles, seqs = Event(), [], [1, 2]

    def keep_on(act) -> None:
        try:
            while not stop.is_set():
                act()
        except Exception as error:  # noqa: BLE001
            troubles.append(error)
        finally:
            connections.close_all()

    def take_in() -> None:
        seqs.append(len(seqs) + 1)
        put([order(seqs[-1])], day=TODAY - timedelta(days=len(seqs) % 2))

    def read() -> None:
        assert sorted(selectors.masked([1, 2])) == [1, 2]
        assert find(Kind.PHONE, RECIPIENT.phone)

    others = [Thread(target=keep_on, args=(act,)) for act in (take_in, read)]
    for other in others:
        other.start()
    for _ in range(8):
        services.rotate(actor=OFFICER, now=timezone.now())
    stop.set()
    for other in others:
        other.join(timeout=30)
    assert troubles == []
    assert sorted(selectors.masked(seqs)) == seqs
    assert selectors.key_status().pending == ()


@contextmanager
def silent_keyd(path):
    """A socket that takes every call and answers none, as a keyd under SIGSTOP does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))
        listener.listen(64)
        yield RemoteKeyd(path)


def test_a_list_waits_for_a_silent_keyd_no_longer_than_one_waybill_does():
    def waits(method: str, *arguments: object) -> float:
        return patience.of(method, arguments)

    assert waits("mask_orders", [1], []) == waits("open_order", None, 1) == 10
    assert waits("mask_orders", [1] * 50, []) == 10
    assert 10 < waits("mask_orders", [1] * 200, []) < waits("mask_orders", [1] * 400, []) < 60
    assert waits("check_parts", [None] * 90_000) == waits("reserve", "standard", TODAY, 500) == 60


def test_only_so_many_threads_wait_for_a_silent_keyd_the_others_are_free_soon(tmp_path, monkeypatch):
    monkeypatch.setattr(patience, "LEAST", 5.0)
    monkeypatch.setattr(patience, "FOR_A_TURN", 0.2)
    took: list[float] = []
    with silent_keyd(tmp_path / "keyd.sock") as asked:

        def ask() -> None:
            began = monotonic()
            with pytest.raises(VaultLocked):
                asked.status()
            took.append(monotonic() - began)

        threads = [Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(seconds < 3 for seconds in took) == 16 - patience.MOST_WAITING
    with pytest.raises(VaultLocked):
        asked.status()
