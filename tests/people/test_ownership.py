"""Clause G4: a person at work answers for every field, system and use; the check sees who has gone."""

import pytest

from midan.audit import selectors as log
from midan.people import controls
from midan.people.errors import BadPost, NotKeeper, UnknownAsset
from midan.people.models import Staff
from midan.people.ownership.rules import AssetKind, wanted
from midan.people.ownership.selectors import owners, without_owner
from midan.people.ownership.services import name_owner
from tests.people.staffing import appoint, open_branch

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(now):
    open_branch("HZ001")
    return appoint(now, "privacy_officer")


def control(now, clause="G4"):
    return next(found for found in controls.controls(now.date()) if found.clause == clause)


def test_everything_needs_an_owner_at_work_and_the_control_says_what_has_none(now, officer):
    everything = [(kind, name) for kind in AssetKind for name in wanted(kind)]
    assert len(without_owner()) == len(everything) > 30
    assert control(now).state == "not_yet"
    manager = appoint(now, "branch_manager")
    for kind in AssetKind:
        name_owner(actor=officer, kind=kind, names=wanted(kind), staff_no=manager.name, now=now)
    assert without_owner() == ()
    assert (control(now).state, control(now).figures["missing"]) == ("enforced", 0)
    assert owners()["asset", "sender_phone"].staff_no == manager.name
    Staff.objects.filter(staff_no=manager.name).update(state="leaving")
    assert (control(now).state, control(now).figures["missing"]) == ("not_yet", len(everything))


def test_naming_is_the_officers_act_with_an_entry_for_each_thing(now, officer):
    name_owner(actor=officer, kind="system", names=("keyd", "database"), staff_no=officer.name, now=now)
    (view,) = log.of_object("owner:system-keyd")
    assert (view.entry.details["owner"], view.entry.clause) == (officer.reference, "G4")
    with pytest.raises(NotKeeper):
        name_owner(actor=appoint(now, "hr"), kind="system", names=("keyd",), staff_no=officer.name, now=now)


@pytest.mark.parametrize(
    ("kind", "names"), [("system", ("kitchen",)), ("room", ("keyd",)), ("system", ()), ("use", ("keyd",))]
)
def test_what_is_no_asset_has_no_owner(now, officer, kind, names):
    with pytest.raises(UnknownAsset):
        name_owner(actor=officer, kind=kind, names=names, staff_no=officer.name, now=now)


def test_nobody_away_answers_for_anything(now, officer):
    courier = appoint(now, "courier")
    Staff.objects.filter(staff_no=courier.name).update(state="on_leave")
    for staff_no in (courier.name, "S99999"):
        with pytest.raises(BadPost):
            name_owner(actor=officer, kind="system", names=("keyd",), staff_no=staff_no, now=now)


def test_the_controls_of_m1_and_m5_turn_with_what_they_count(now, officer):
    assert (control(now, "M1").state, control(now, "M5").state) == ("enforced", "enforced")
    appoint(now, "analyst", hr_no="P-2")
    Staff.objects.filter(role="privacy_officer").update(hr_no="P-2")
    assert (control(now, "M1").state, control(now, "M1").figures["standing"]) == ("not_yet", 1)
    Staff.objects.filter(role="analyst").update(hr_no="", role="agent")
    assert (control(now, "M1").state, control(now, "M1").figures["astray"]) == ("not_yet", 1)
    Staff.objects.filter(role="agent").update(state="left", is_active=False)
    assert (control(now, "M5").state, control(now, "M5").figures["open"]) == ("not_yet", 1)
