"""The resurrection drill: what was destroyed does not come back from any backup, and a drill that is fooled says so."""

import json
import shutil
from datetime import timedelta

import pytest

from midan.approval import services as approval
from midan.audit import keys
from midan.catalog.settings import current
from midan.core.certificate import DRILL, CertificateRefused, read
from midan.destruction import jobs, models, selectors, services
from midan.destruction.rules.canaries import canary, needles
from midan.destruction.rules.drills import fault
from midan.destruction.rules.runs import CutPart, RunReason
from midan.destruction.services import canaries, drilling, victims
from midan.destruction.services.searching import Search, sees
from midan.vault import selectors as vault
from midan.vault import services as vault_services
from midan.vault.backup import key, opening
from midan.vault.backup import selectors as register
from midan.vault.backup import services as backups
from midan.vault.backup.errors import BackupPlaceRefused
from tests.destruction.conftest import JOB

KEY = bytes(range(32))
GOOD = {
    "shredded": 9, "shredded_opened": 0, "keys_found": 0, "live": 6, "live_opened": 6, "guesses": 4, "guesses_hit": 0,
    "live_guesses": 4, "live_guesses_hit": 4, "found": 0,
}  # fmt: skip


@pytest.fixture
def sets(tmp_path):
    return tmp_path / "sets"


def backup(office, sets, *, full=True):
    made = backups.make(actor=JOB, to=sets, now=office.now, life_days=400, full=full)
    backups.verify(actor=JOB, set_id=made.set, now=office.now)
    return made


@pytest.fixture
def aged(office, sets):
    """A day with canaries and orders, in a set of that day; then it is destroyed, and another day lives."""
    services.plant(actor=JOB, now=office.now)
    numbers = [office.order() for _ in range(3)]
    held = office.order()
    office.days(100)
    services.plant(actor=JOB, now=office.now)
    live = office.order()
    office.hold(held)
    backup(office, sets)
    office.days(111)
    (run,) = office.destroy_due()
    return numbers, held, live, run


def test_nothing_of_a_destroyed_day_comes_back_and_the_living_open(office, sets, aged):
    numbers, *_, run = aged
    assert [office.opens(number) for number in numbers] == [None] * 3
    found = services.drill(actor=JOB, now=office.now)
    assert (found.ok, found.reason) == (True, ""), found.facts
    # Three orders and two canaries of three parts each; held and living ones with the day's two canaries.
    assert (found.totals["shredded"], found.totals["shredded_opened"]) == (15, 0)
    assert found.totals["live"] == found.totals["live_opened"] == 9
    assert (found.totals["guesses"], found.totals["guesses_hit"]) == (4, 0)
    assert (found.totals["live_guesses"], found.totals["live_guesses_hit"]) == (4, 4)
    assert (found.totals["keys_found"], found.totals["found"]) == (0, 0)
    assert found.tried == {run.code: 5}
    searched = set(found.facts["searched"])
    assert {"home", "backups", "backup_rows", "sandbox"} <= searched
    assert searched & {"database", "tables"}
    assert all(size > 1_000 for size in found.facts["searched"].values())
    assert list(current().home.glob("drill-*")) == []
    assert selectors.drills_of(run.code) == (found,)


def test_the_record_is_signed_names_its_certificates_and_no_byte_of_it_may_change(office, sets, aged):
    *_, run = aged
    code = services.drill(actor=JOB, now=office.now).code
    data = selectors.drill_record(code)
    held = read(data, trusted=keys.verifier(), form=DRILL)
    assert (held.number, held.status) == (code, "passed")
    assert held.facts["certificates"] == {run.code: 5}
    for at in range(0, len(data), 97):
        bent = bytearray(data)
        bent[at] ^= 1
        with pytest.raises(CertificateRefused):
            read(bytes(bent), trusted=keys.verifier(), form=DRILL)
    with pytest.raises(CertificateRefused):  # a drill's record is no certificate
        read(data, trusted=keys.verifier())
    values = [text for seq in models.Canary.objects.values_list("seq", flat=True)
              for text in _values(seq)]  # fmt: skip
    assert values
    assert not [text for text in values if text in data.decode()]


def _values(seq):
    _, sender, recipient, goods = canary(canaries.read_key(), seq)
    return sender.phone, recipient.phone, sender.address, recipient.address, goods.order_ref


def test_a_value_that_stands_anywhere_fails_the_drill(office, sets, aged):
    """Somebody exported the day to a file in the home, and nobody knew of it."""
    seq = models.Canary.objects.order_by("seq").values_list("seq", flat=True)[0]
    phone, *_ = _values(seq)
    (current().home / "media").mkdir(exist_ok=True)
    (current().home / "media" / "export.csv").write_text(f"a,b\n1,{phone}\n")
    found = services.drill(actor=JOB, now=office.now)
    assert (found.ok, found.reason) == (False, "value_found")
    assert found.facts["found"] == {"phone": 1}
    assert read(selectors.drill_record(found.code), trusted=keys.verifier(), form=DRILL).status == "failed"


def test_a_kept_copy_of_an_older_generation_is_the_limit_of_the_claim_and_the_drill_sees_its_pack(
    office, sets, monkeypatch
):
    """`file` keepers can be copied: whoever puts the copy back has the destroyed day's keys, and the drill says so."""
    services.plant(actor=JOB, now=office.now)
    office.order()
    backup(office, sets)
    stale = current().home / "stale"
    shutil.copytree(current().keys, stale)
    office.days(211)
    office.destroy_due()
    # The copy lies beside the keepers of today, as the secret and pack of a generation nobody erased.
    for name in ("keeper-file.key", "packs/pack-1.mdp"):
        shutil.copy(stale / name, current().keys / name)
    found = services.drill(actor=JOB, now=office.now)
    assert (found.ok, found.reason) == (False, "shredded_key_found")
    assert found.totals["keys_found"] == 1


def test_a_set_that_does_not_restore_fails_the_drill(office, sets, aged):
    (view,) = register.sets()
    part = view.path / "people_staff.mbk"
    data = bytearray(part.read_bytes())
    data[-1] ^= 1
    part.write_bytes(data)
    found = services.drill(actor=JOB, now=office.now)
    assert (found.ok, found.reason) == (False, "backup_damaged")


def test_a_single_person_erased_does_not_come_back(office, sets):
    number = office.order()
    backup(office, sets)
    code = services.request_run(
        actor=office.officer,
        erasures=[services.Erasure(waybill=number, part=CutPart.RECIPIENT)],
        reason=RunReason.DELETION_REQUESTED,
        now=office.now,
    )
    approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
    assert office.work(due=False).finished == (code,)
    found = services.drill(actor=JOB, now=office.now)
    assert found.ok, found.facts
    assert (found.totals["shredded"], found.tried) == (1, {code: 1})


def test_the_oldest_set_and_the_last_before_the_ratchet_are_tried(office, sets):
    office.order()
    made = []
    for _ in range(3):
        made.append(backup(office, sets))
        office.days(1)
    assert [view.set_id for view in drilling.sets_to_try()] == [made[0].set]
    vault_services.rotate(actor=JOB, now=office.now)
    assert [view.set_id for view in drilling.sets_to_try()] == [made[0].set, made[2].set]
    backup(office, sets)
    assert [view.set_id for view in drilling.sets_to_try()] == [made[0].set, made[2].set]


def test_without_a_set_there_is_nothing_to_drill(office):
    with pytest.raises(BackupPlaceRefused):
        services.drill(actor=JOB, now=office.now)


def test_canaries_are_planted_once_a_day_and_nothing_of_them_stands_in_clear(office):
    assert services.plant(actor=JOB, now=office.now) == canaries.A_DAY
    assert services.plant(actor=JOB, now=office.now) == 0
    office.days(1)
    assert services.plant(actor=JOB, now=office.now) == canaries.A_DAY
    seqs = list(models.Canary.objects.values_list("seq", flat=True))
    shown = vault.masked(seqs)
    assert shown.keys() == set(seqs)
    for seq in seqs:
        assert _values(seq)[0][-4:] == shown[seq].sender.phone[-4:]
    assert canaries.key_file().stat().st_mode & 0o077 == 0


def test_a_certificate_says_how_many_of_its_records_were_canaries(office, sets, aged):
    *_, run = aged
    totals = office.certificate(run.code).facts["totals"]
    assert (totals["records"], totals["canaries"]) == (5, 2)


def test_a_search_that_cannot_find_is_known_as_one(monkeypatch):
    some = needles([canary(KEY, seq) for seq in range(1, 50)])
    assert sees(some)
    monkeypatch.setattr(Search, "stream", lambda *_: None)
    assert not sees(some)


def test_every_value_is_found_wherever_a_chunk_ends():
    item = canary(KEY, 7)
    search = Search(needles([item]))
    _, sender, recipient, goods = item
    text = f"x{sender.phone}y{recipient.address}z{goods.order_ref}*******{recipient.phone[-4:]}".encode()
    for cut in range(len(text)):
        search.found.clear()
        search.stream("here", (text[:cut], text[cut:]))
        assert dict(search.found) == {"phone": 1, "street": 1, "order": 1, "phone_mask": 1}, cut
    search.found.clear()
    search.stream("here", (b"16900999999", "演练路".encode(), b"MDCANARY-0000000000000000", b"*******"))
    assert not +search.found


def test_two_canaries_share_no_value():
    values = [text for seq in range(1, 300) for text in (
        canary(KEY, seq)[1].address, canary(KEY, seq)[2].address, canary(KEY, seq)[3].order_ref)]  # fmt: skip
    assert len(set(values)) == len(values)
    assert canary(KEY, 5) == canary(KEY, 5) != canary(bytes(32), 5)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"shredded_opened": 1}, "shredded_opens"),
        ({"keys_found": 1}, "shredded_key_found"),
        ({"guesses_hit": 1}, "guess_hits"),
        ({"found": 1}, "value_found"),
        ({"live_opened": 5}, "live_closed"),
        ({"live_guesses_hit": 3}, "live_guess_misses"),
        ({}, ""),
    ],
)
def test_a_drill_holds_only_when_everything_is_as_it_must_be(changed, word):
    assert fault(GOOD | changed, control=True) == word
    assert fault(GOOD, control=False) == "search_blind"


def test_at_most_a_thousand_of_each_kind_canaries_first():
    few = victims._Few({5, 6})
    for seq in range(3_000):
        few.offer((seq, 1, seq))
    taken = few.taken()
    assert len(taken) == len({seq for seq, _, _ in taken}) == 1_000
    assert {5, 6} <= {seq for seq, _, _ in taken}


def test_the_job_plants_and_drills_once_a_week(office, sets, monkeypatch):
    asked = []

    def command(words, **_given):
        asked.append(words[3:])
        return jobs.subprocess.CompletedProcess(words, 0, b"", b"")

    monkeypatch.setattr(jobs.subprocess, "run", command)
    office.order()
    backup(office, sets)
    assert not jobs.drill_due(office.now)  # no backups are made by this home
    monkeypatch.setenv("MIDAN_BACKUP_TO", str(sets))
    assert jobs.one_drill_round(office.now)
    assert asked == [["destroy", "drill"]]
    models.Drill.objects.create(code="R1", at=office.now, ok=True, reason="", facts="{}", entry_id="1")
    assert not jobs.drill_due(office.now + timedelta(days=6))
    assert jobs.drill_due(office.now + timedelta(days=7))
    assert selectors.planted_on(office.now.date()) == canaries.A_DAY


def test_what_a_set_holds_is_chosen_by_the_set(office, sets, aged):
    (view,) = register.sets()
    chosen = victims.choose(opening.open_set(view.path, key.read()))
    epochs = {one.epoch for one in chosen.probe.shredded}
    assert len(epochs) == 1
    assert all(one.whole for one in chosen.probe.shredded)
    assert json.loads(json.dumps(dict(chosen.tried)))
