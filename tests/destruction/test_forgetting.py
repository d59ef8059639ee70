"""What knows a repeated order goes with the order: the company's secret for it never dies."""

from midan.approval import services as approval
from midan.audit import selectors as log
from midan.collection.models import Reference
from midan.destruction import selectors, services
from midan.destruction.rules.runs import CutPart, RunReason
from midan.destruction.services import Erasure
from midan.vault.backup import tables


def known(office, *numbers):
    """Note orders as an intake does."""
    for number in numbers:
        seq = office.seq(number)
        Reference.objects.create(reference=seq.to_bytes(16), content=b"c" * 16, seq=seq)


def contents(office, *numbers):
    found = dict(Reference.objects.values_list("seq", "content"))
    return [bytes(found[seq]) if (seq := office.seq(number)) in found else None for number in numbers]


def forgotten():
    acts = log.entries(log.EntryFilter(act="collection:orders:forgotten")).items
    return [(item.entry.details["removed"], item.entry.details["emptied"]) for item in reversed(acts)]


def test_a_day_that_is_destroyed_takes_its_references_along_and_what_stays_keeps_them(office, old):
    known(office, *old)
    office.hold(old[1])
    office.destroy_due()
    assert contents(office, *old) == [None, b"c" * 16, None, b"c" * 16]
    assert forgotten() == [(2, 0)]


def test_what_an_earlier_run_left_over_goes_with_the_next_day(office, old):
    office.destroy_due()
    known(office, *old)
    office.order()
    office.days(211)
    office.destroy_due()
    assert contents(office, old[0], old[2]) == [None, None]


def test_an_order_that_lost_a_person_is_known_by_its_reference_alone(office):
    number, other = office.order(), office.order()
    known(office, number, other)
    code = services.request_run(
        actor=office.officer,
        reason=RunReason.DELETION_REQUESTED,
        erasures=[Erasure(waybill=number, part=CutPart.RECIPIENT)],
        now=office.now,
    )
    approval.approve(actor=office.second, code=selectors.run(code).approval, now=office.now)
    assert office.work().finished == (code,)
    assert contents(office, number, other) == [b"", b"c" * 16]
    assert forgotten() == [(0, 1)]


def test_a_backup_has_no_content_digest():
    (columns,) = [columns for name, columns in tables.planned() if name == "collection_reference"]
    assert {column.name for column in columns} == {"reference", "seq"}
