"""A run over identity numbers: by their own length, counted in the certificate, and tried by the drill."""

import pytest

from midan.approval import services as approval
from midan.collection import selectors as collection
from midan.collection import services as reception
from midan.core.fields.document import DocumentKind
from midan.destruction import controls, models, selectors, services
from midan.destruction.rules.runs import CutPart, RunReason
from midan.destruction.services import victims
from midan.vault.backup import key, opening
from midan.vault.models import Epoch, IdentityPart, IdentityRecord
from midan.vault.rules import IDENTITY
from midan.vault.selectors import state
from tests.destruction.conftest import JOB
from tests.destruction.test_drill import backup, sets

__all__ = ["sets"]
CARD = "110101190001010006"


@pytest.fixture
def parcel(office):
    return taken(office)


def taken(office) -> str:
    """Take an order in, look at the document, deliver it."""
    number = office.order(delivered=False)
    reception.record_real_name(
        actor=office.world.actor("courier"), number=number, kind=DocumentKind.RESIDENT, id_number=CARD, now=office.now
    )  # fmt: skip
    office.deliver(number)
    return number


def erase(office, *numbers, part=CutPart.SENDER) -> str:
    """Two persons erase this of these waybills; return the run."""
    code = services.request_run(
        actor=office.officer,
        erasures=[services.Erasure(waybill=number, part=part) for number in numbers],
        reason=RunReason.DELETION_REQUESTED,
        now=office.now,
    )
    approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
    assert office.work(due=False).finished == (code,)
    return code


def test_the_order_goes_on_its_day_and_the_number_on_its_own(office, parcel):
    office.days(211)
    (run,) = office.destroy_due()
    assert {epoch.retention for epoch in run.epochs} == {"standard"}
    assert (state(office.seq(parcel)).destroyed, state(office.seq(parcel), IDENTITY).destroyed) == (
        True,
        False,
    )
    assert IdentityPart.objects.count() == 1
    office.days(155)
    (run,) = office.destroy_due()
    assert [(epoch.retention, epoch.destroyed) for epoch in run.epochs] == [("real_name", 1)]
    assert office.certificate(run.code).facts["totals"]["records"] == 1
    assert not IdentityRecord.objects.exists()
    assert not IdentityPart.objects.exists()
    assert collection.real_name(office.seq(parcel)).kind == "resident_id"


def test_a_hold_carries_the_number_past_its_day_and_it_goes_when_the_hold_ends(office, parcel):
    hold = office.hold(parcel)
    other = taken(office)
    office.days(366)
    runs = office.destroy_due()
    epochs = {epoch.retention: epoch for run in runs for epoch in run.epochs}
    assert (epochs["real_name"].held, epochs["real_name"].destroyed) == (1, 1)
    assert IdentityRecord.objects.get().seq == office.seq(parcel)
    assert state(office.seq(other), IDENTITY).destroyed
    lying = Epoch.objects.get(number=IdentityRecord.objects.get().epoch)
    assert lying.retention == "carried_real_name"
    office.end(hold)
    office.days(1)
    assert {epoch.retention for run in office.destroy_due() for epoch in run.epochs} == {
        "carried",
        "carried_real_name",
    }
    assert not IdentityPart.objects.exists()


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (CutPart.SENDER, {"sender", "identity"}),
        (CutPart.WHOLE, {"whole", "identity"}),
        (CutPart.IDENTITY, {"identity"}),
        (CutPart.RECIPIENT, {"recipient"}),
    ],
)
def test_a_certificate_names_the_number_that_went_along(office, parcel, part, told):
    code = erase(office, parcel, part=part)
    facts = office.certificate(code).facts
    assert {person["part"] for person in facts["persons"]} == told
    assert IdentityPart.objects.exists() == ("identity" not in told)
    left = next(
        one for one in controls.controls(office.now.date()) if one.clause == "L6.1" and "run" in one.figures
    )
    assert (left.state, left.figures["left"]) == ("enforced", 0)
    for cut in models.RunCut.objects.all():
        assert cut.token.hex() in {person["token"] for person in facts["persons"]}


def test_the_number_alone_is_erased_when_the_order_is_gone_already(office, parcel):
    office.days(211)
    office.destroy_due()
    code = erase(office, parcel, part=CutPart.WHOLE)
    assert [person["part"] for person in office.certificate(code).facts["persons"]] == ["identity"]
    assert not IdentityPart.objects.exists()


def test_the_drill_tries_destroyed_numbers_and_living_ones(office, sets, parcel):
    living = taken(office)
    made = backup(office, sets)
    code = erase(office, parcel)
    chosen = victims.choose(opening.open_set(made.folder, key.read()))
    assert {(one.seq, one.part) for one in chosen.probe.shredded} == {
        (office.seq(parcel), 1),
        (office.seq(parcel), 16),
    }
    assert chosen.tried == {code: 2}
    assert (office.seq(living), 16) in chosen.probe.live
    assert (office.seq(parcel), 16) not in chosen.probe.live
    done = services.drill(actor=JOB, now=office.now)
    assert done.ok, done.facts
    assert done.totals["shredded"] == 2
