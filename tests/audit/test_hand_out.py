"""What is handed out can be checked with the public key alone; pages and counts show what is there."""

import json
from base64 import b64decode
from datetime import timedelta

import pytest
from django.db import transaction

from midan.audit import keys, selectors, services
from midan.audit.controls import controls
from midan.audit.errors import EntryNotIntegrated, EntryUnknown, ExportRefused
from midan.audit.models import Verification
from midan.core.entry import Entry, entry_leaf
from midan.core.merkle import Head, Membership, fold, open_checkpoint, tile_hashes, verify_inclusion
from tests.audit.conftest import CLERK, NOW


def check_proof(proof, verifier) -> Entry:
    """Follow specs/audit-log.md, 'Verification', one entry."""
    head = open_checkpoint(proof["checkpoint"], trusted=[verifier], origin=verifier.name)
    assert (proof["v"], proof["size"]) == (1, head.size)
    data = b64decode(proof["entry"])
    verify_inclusion(
        Head(head.size, head.root),
        index=proof["index"],
        leaf=entry_leaf(bytes.fromhex(proof["salt"]), data),
        proof=[bytes.fromhex(item) for item in proof["proof"]],
    )
    return Entry.from_bytes(data)


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_an_entry_is_proved_by_id_and_by_index(log, index):
    ids = log.write(300)
    log.integrate()
    assert check_proof(selectors.prove(ids[index]), log.verifier).entry_id == ids[index]
    assert selectors.prove(str(index)) == selectors.prove(ids[index])


def test_a_waybill_is_proved_with_every_entry_and_its_batch(log):
    with transaction.atomic():
        services.record(actor=CLERK, act="collection:batch:accepted", object="batch:0f", count=2)
        services.record(actor=CLERK, act="label:label:printed", object="print:7", count=2)
        services.record(actor=CLERK, act="label:label:withdrawn", object="label:8")
    log.write(3)
    log.write(2)
    log.integrate()
    member, printed = (
        Membership(object=name, index=1, size=2, proof=(bytes(32),)) for name in ("batch:0f", "print:7")
    )
    traces = selectors.Traces(batch=member, prints=(printed,), objects=("label:8",))
    proof = selectors.prove("MD0000000000001", traces_of={"MD0000000000001": traces}.get)
    objects = [check_proof(item, log.verifier).object for item in proof["proofs"]]
    assert objects == ["batch:0f", "print:7", "label:8", "waybill:MD0000000000001", "waybill:MD0000000000001"]
    assert proof["batch"] == {"object": "batch:0f", "index": 1, "size": 2, "proof": ["00" * 32]}
    assert proof["prints"] == [{"object": "print:7", "index": 1, "size": 2, "proof": ["00" * 32]}]
    assert selectors.prove("MD0000000000002")["batch"] is None
    assert selectors.prove("MD0000000000002")["prints"] == []


def test_what_is_not_there_is_not_proved(log):
    log.write()
    with pytest.raises(EntryNotIntegrated):
        selectors.prove("0")
    log.integrate()
    (late,) = log.write()
    with pytest.raises(EntryNotIntegrated):
        selectors.prove(late)
    for what in ("1", "0" * 32, "MD9999999999999", "'; --"):
        with pytest.raises(EntryUnknown):
            selectors.prove(what)


def test_a_pack_holds_all_that_an_outsider_needs(log, tmp_path):
    log.write(300)
    log.integrate()
    done = services.export(actor=CLERK, to=tmp_path / "pack", now=NOW)
    pack = tmp_path / "pack"
    verifier = keys.read_verifier((pack / "log.pub").read_text())
    head = open_checkpoint((pack / "checkpoint").read_text(), trusted=[verifier])
    lines = [json.loads(line) for line in (pack / "entries.jsonl").read_text().splitlines()]
    leaves = [entry_leaf(bytes.fromhex(line["salt"]), b64decode(line["entry"])) for line in lines]
    assert (len(leaves), fold(leaves)) == (head.size, head.root) == (done.size, bytes.fromhex(done.root))
    assert tile_hashes((pack / "tile/0/000").read_bytes(), width=256) == leaves[:256]
    assert tile_hashes((pack / "tile/0/001.p/44").read_bytes(), width=44) == leaves[256:]
    assert len((pack / "checkpoints.jsonl").read_text().splitlines()) == done.checkpoints == 1


def test_an_export_is_logged_and_never_overwrites(log, tmp_path):
    with pytest.raises(ExportRefused):
        services.export(actor=CLERK, to=tmp_path / "early", now=NOW)
    log.write()
    log.integrate()
    services.export(actor=CLERK, to=tmp_path / "pack", now=NOW)
    with pytest.raises(ExportRefused):
        services.export(actor=CLERK, to=tmp_path / "pack", now=NOW)
    page = selectors.entries(selectors.EntryFilter(act="audit:log:exported"))
    assert len(page.items) == 1


def test_pages_follow_each_other_without_gap_or_repeat(log):
    ids = log.write(25)
    seen, cursor = [], ""
    while True:
        page = selectors.entries(selectors.EntryFilter(), cursor=cursor, limit=10)
        seen += [view.entry_id for view in page.items]
        log.write(1)  # what arrives meanwhile does not shift later pages
        if not (cursor := page.next):
            break
    assert seen == ids[::-1]


def test_filters_choose_by_what_the_entry_says(log):
    log.write(4, party=True)
    with transaction.atomic():
        services.record(
            actor=CLERK, act="access:reveal:denied", object="waybill:MD1", outcome="denied", clause="L3.1"
        )
    token = bytes.fromhex(selectors.of_object("waybill:MD0000000000001")[0].entry.party[0])

    def count(**given):
        return len(selectors.entries(selectors.EntryFilter(**given)).items)

    assert count(actor="staff:S00017") == 5
    assert count(actor="staff:S00018") == 0
    assert count(act="access:") == 5
    assert count(act="access:reveal:") == count(outcome="denied") == count(clause="L3.1") == 1
    assert count(object="waybill:MD0000000000001") == count(party=token) == 1
    assert count(purpose="deliver") == 4


def test_counts_fall_into_shanghai_hours_and_days(log):
    with transaction.atomic():
        for hours in (0, 0, 1, 10):  # 14:30, 14:30, 15:30 and half past midnight
            services.record(actor=CLERK, act="a:b:c", object="o", at=NOW + timedelta(hours=hours))
    every = selectors.EntryFilter(since=NOW, until=NOW + timedelta(hours=11))
    assert [(b.start.hour, b.count) for b in selectors.counts(every, unit="hour")] == [
        (14, 2),
        (15, 1),
        (0, 1),
    ]
    assert [(b.start.day, b.count) for b in selectors.counts(every, unit="day")] == [(23, 3), (24, 1)]
    some = selectors.EntryFilter(since=NOW, until=NOW + timedelta(hours=1))
    assert [b.count for b in selectors.counts(some, unit="day")] == [2]


def states(today):
    return {control.clause: control.state for control in controls(today)}


def test_a_control_is_never_green_without_evidence(log, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    today = NOW.date()
    assert states(today) == {"L2.3": "not_yet", "T4": "not_yet"}
    log.write()
    log.integrate()
    assert states(today) == {"L2.3": "enforced", "T4": "enforced"}
    services.check(actor=CLERK, now=NOW - timedelta(hours=1))
    assert states(today) == {"L2.3": "proved", "T4": "proved"}
    assert all(control.evidence % control.figures for control in controls(today))
    Verification.objects.update(at=NOW - timedelta(days=2))
    assert states(today) == {"L2.3": "enforced", "T4": "enforced"}
    Verification.objects.update(at=NOW, ok=False, first_bad=7, reason="leaf_differs")
    assert states(today) == {"L2.3": "not_yet", "T4": "not_yet"}
    assert all("7" in control.evidence % control.figures for control in controls(today))
