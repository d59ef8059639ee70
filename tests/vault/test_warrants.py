"""keyd destroys only what a committed entry of today names, and two persons stand behind whatever is not due."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant, target_digest
from midan.vault import selectors, services
from midan.vault.errors import WarrantRefused
from midan.vault.keyd import stored, warrants
from midan.vault.models import Held
from tests.vault.orders import order, put
from tests.vault.runs import MANAGER, OFFICER, approval, approved, warrant

pytestmark = pytest.mark.django_db(transaction=True)
CUTS = (Cut(1), Cut(2, PartCode.SENDER))
OLD = date(2024, 5, 1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def filled(vault):
    put([order(1), order(2)])
    put([order(3)], day=OLD)
    return vault


def refused(paper: Warrant, *, cuts=CUTS, now) -> str:
    before = (stored.states(None), sorted(selectors.masked([1, 2, 3])))
    with pytest.raises(WarrantRefused) as caught:
        services.puncture(actor=OFFICER, warrant=paper, cuts=list(cuts), now=now)
    assert (stored.states(None), sorted(selectors.masked([1, 2, 3]))) == before
    assert caught.value.clause == "L6.1"
    return caught.value.details["mismatch"]


@pytest.mark.parametrize(
    ("bend", "word"),
    [
        (lambda now: {"act": "destruction:run:planned"}, "act"),
        (lambda now: {"outcome": "denied"}, "outcome"),
        (lambda now: {"at": now - timedelta(hours=24, seconds=1)}, "age"),
        (lambda now: {"at": now + timedelta(seconds=5)}, "age"),
        (lambda now: {"details": {"targets": "00" * 32}}, "targets"),
        (lambda now: {"details": {"basis": "because"}}, "basis"),
        (lambda now: {"basis": "approved"}, "approval"),
        (lambda now: {"basis": "approved", "details": {"approval": "0" * 32}}, "approval"),
        (lambda now: {"basis": "due"}, "not_due"),
    ],
)
def test_an_entry_that_says_something_else_allows_nothing(filled, now, bend, word):
    assert refused(warrant(now, cuts=CUTS, **bend(now)), now=now) == word


def test_without_a_committed_entry_nothing_is_allowed(filled, now):
    assert refused(Warrant(entry_id="0" * 32, cuts=CUTS), now=now) == "no_entry"


def test_a_warrant_serves_its_own_targets_only_and_any_share_of_them(filled, now):
    paper = warrant(now, cuts=CUTS)
    assert refused(paper, cuts=[Cut(2)], now=now) == "not_named"
    wider = Warrant(entry_id=paper.entry_id, cuts=(*CUTS, Cut(2)))
    assert refused(wider, cuts=[Cut(2)], now=now) == "targets"
    assert services.puncture(actor=OFFICER, warrant=paper, cuts=[Cut(1)], now=now).records == 1
    assert services.puncture(actor=OFFICER, warrant=paper, cuts=list(CUTS), now=now).parts == 1


@pytest.mark.parametrize(
    ("bend", "word"),
    [
        ({"act": "approval:request:made"}, "approval"),
        ({"outcome": "denied"}, "approval"),
        ({"actor": OFFICER}, "approver"),
        ({"details": {"requester": OFFICER.reference}}, "approved_other"),
        ({"details": {"subject": "00" * 32, "requester": OFFICER.reference}}, "approved_other"),
        ({"details": {}}, "approval"),
    ],
    ids=["another act", "refused", "his own", "names nothing", "names others", "nobody asked"],
)
def test_an_approval_that_is_none_allows_nothing(filled, now, bend, word):
    entry_id = approval(now, target_digest((), CUTS).hex(), **bend)
    paper = warrant(now, cuts=CUTS, basis="approved", details={"approval": entry_id})
    assert refused(paper, now=now) == word


def test_the_run_may_not_name_another_requester_than_the_approval(filled, now):
    entry_id = approval(now, target_digest((), CUTS).hex())
    details = {"approval": entry_id, "requester": MANAGER.reference}
    assert refused(warrant(now, cuts=CUTS, basis="approved", details=details), now=now) == "approver"


def test_what_two_persons_allowed_is_destroyed(filled, now):
    assert (
        services.puncture(actor=OFFICER, warrant=approved(now, cuts=CUTS), cuts=list(CUTS), now=now).records
        == 1
    )


def test_a_persons_request_never_takes_a_whole_day(filled, now):
    for basis in ("request", "correction"):
        with pytest.raises(WarrantRefused) as caught:
            services.destroy(
                actor=OFFICER, warrant=warrant(now, epochs=[2], basis=basis), epochs=[2], now=now
            )
        assert caught.value.details == {"mismatch": "epoch_for_a_person"}


def test_an_epoch_is_due_the_day_after_its_last_by_keyds_own_clock(filled, now):
    due = OLD.replace(year=2025)
    midnight = timezone.make_aware(timezone.datetime(due.year, due.month, due.day)) + timedelta(days=1)
    for moment, word in ((midnight - timedelta(seconds=1), "not_due"), (midnight, None)):
        paper = warrant(moment, epochs=[2], basis="due")
        if word is None:
            warrants.check(paper, epochs=[2], now=moment)
            continue
        with pytest.raises(WarrantRefused) as caught:
            warrants.check(paper, epochs=[2], now=moment)
        assert caught.value.details == {"mismatch": word}


def test_single_records_of_a_due_epoch_may_go_by_the_schedule(filled, now):
    cuts = (Cut(3), Cut(99), Cut(98, None, 2, 5))
    paper = warrant(now, cuts=cuts, basis="due")
    assert services.puncture(actor=OFFICER, warrant=paper, cuts=list(cuts), now=now).records == 2
    mixed = (Cut(1), Cut(3))
    assert refused(warrant(now, cuts=mixed, basis="due"), cuts=mixed, now=now) == "not_due"


@pytest.mark.parametrize("kind", ["held", "restricted"])
def test_what_is_held_stays_whole_and_with_its_day_whatever_the_warrant_says(filled, now, kind):
    Held.objects.create(hold=1, seq=1, kind=kind)
    Held.objects.create(hold=1, seq=3, kind=kind)
    Held.objects.create(hold=2, seq=2, kind="held", live=False)
    day = warrant(now, epochs=[2], basis="due")
    if kind == "held":
        assert refused(warrant(now, cuts=CUTS), now=now) == "held"
        with pytest.raises(WarrantRefused) as caught:
            services.destroy(actor=OFFICER, warrant=day, epochs=[2], now=now)
        assert caught.value.details == {"mismatch": "held"}
        # A correction's content goes on living elsewhere.
        warrants.check(warrant(now, cuts=CUTS, basis="correction"), cuts=CUTS, now=now)
    else:
        assert (
            services.puncture(
                actor=OFFICER, warrant=warrant(now, cuts=CUTS), cuts=list(CUTS), now=now
            ).records
            == 1
        )
        assert services.destroy(actor=OFFICER, warrant=day, epochs=[2], now=now).records == 1


def test_a_refused_warrant_crosses_the_socket_as_itself():
    from midan.vault.keyd import wire

    fault = wire.fault_of(WarrantRefused("age"))
    assert isinstance(wire.error_of(fault), WarrantRefused)
    assert wire.error_of(fault).details == {"mismatch": "age"}
