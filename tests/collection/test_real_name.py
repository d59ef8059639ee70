"""At pick-up the sender's document is looked at: recorded once, sealed apart, and shown to nobody again."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from midan.access import services as access
from midan.access.errors import AccessDenied
from midan.audit import selectors as log
from midan.collection import controls, models, selectors, services
from midan.collection.errors import RealNameConflict, RealNameDenied
from midan.core.actor import Actor
from midan.core.fields.document import DocumentKind
from midan.core.fields.errors import InvalidField
from midan.vault import services as vault
from midan.vault.errors import GrantRefused
from midan.vault.keeping import services as keeping
from midan.vault.keeping.rules import HoldKind, HoldReason, Scope
from midan.vault.models import Digest, Epoch, IdentityPart, IdentityRecord, Part
from midan.waybill import selectors as waybills
from midan.waybill.errors import UnknownWaybill
from tests.access.conftest import World, appoint_everywhere, world

__all__ = ["World", "appoint_everywhere", "world"]
CARD, OTHER = "110101190001010006", "110101190001010014"
OFFICER = Actor.system("test")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def parcel(world):
    return world.order()


def check(world, parcel, *, who=("courier", "HZ001"), kind=DocumentKind.RESIDENT, number=CARD):
    return services.record_real_name(
        actor=world.actor(*who), number=parcel, kind=kind, id_number=number, now=world.now
    )


def seq_of(parcel) -> int:
    return waybills.get(parcel).seq


def acts(parcel) -> list[str]:
    return [view.entry.act for view in log.of_objects([f"waybill:{parcel}"])]


def test_a_check_seals_the_number_apart_and_says_in_clear_that_it_was_made(world, parcel):
    before = Part.objects.count(), Digest.objects.count()
    done = check(world, parcel)
    assert (done.kind, done.masked, done.replayed) == ("resident_id", "11**************06", False)
    assert (Part.objects.count(), Digest.objects.count()) == before
    record = IdentityRecord.objects.get(seq=seq_of(parcel))
    assert Epoch.objects.get(number=record.epoch).retention == "real_name"
    assert (
        Epoch.objects.get(number=record.epoch).due - Epoch.objects.get(number=record.epoch).day
    ).days == 365
    seen = selectors.real_name(seq_of(parcel))
    assert (seen.kind, seen.checked_by) == ("resident_id", world.actor("courier").reference)
    entry = log.entry(seen.entry_id).entry
    assert (entry.act, entry.clause, entry.purpose, entry.object) == (
        "collection:real_name:checked", "B1", "real_name", f"waybill:{parcel}",
    )  # fmt: skip


def test_the_number_and_its_mask_are_in_no_column_and_no_entry(world, parcel):
    check(world, parcel)
    with pytest.raises(RealNameConflict):
        check(world, parcel, number=OTHER)
    values = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("sqlite_"):
                cursor.execute(f'SELECT * FROM "{table}"')
                values += [value for row in cursor.fetchall() for value in row]
    text = b"\n".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in values)
    for needle in (CARD, OTHER, "11**************06", "11**************14", CARD[:-1], CARD[6:14] + "000"):
        assert needle.encode() not in text


def test_the_same_document_again_is_a_replay_and_another_is_a_conflict(world, parcel):
    check(world, parcel)
    assert check(world, parcel, number="１１０１０１ 19000101 0006").replayed
    for changes in ({"number": OTHER}, {"kind": DocumentKind.TEMPORARY}):
        with pytest.raises(RealNameConflict):
            check(world, parcel, **changes)
    assert models.RealName.objects.count() == IdentityPart.objects.count() == 1
    assert acts(parcel).count("collection:real_name:checked") == 1
    assert acts(parcel).count("collection:real_name:compared") == 2
    assert acts(parcel).count("collection:real_name:denied") == 2


@pytest.mark.parametrize(
    "role", ["sorter", "clerk", "agent", "branch_manager", "hr", "privacy_officer", "sysadmin"]
)
def test_whoever_does_not_stand_before_the_sender_is_refused_and_that_is_logged(world, parcel, role):
    with pytest.raises(RealNameDenied) as refused:
        check(world, parcel, who=(role, "HZ001"))
    assert (refused.value.clause, refused.value.details["reason"]) == ("B1", "post")
    assert log.entry(refused.value.details["entry_id"]).entry.details["why"] == "post"
    assert not IdentityRecord.objects.exists()


def test_a_courier_of_another_branch_learns_nothing_of_the_parcel(world, parcel):
    for number in (parcel, "MD0000000000017", "x"):
        with pytest.raises(UnknownWaybill):
            check(world, number, who=("courier", "SZ001"))
    assert acts(parcel) == ["collection:real_name:denied"]


def test_machines_check_nobody(world, parcel):
    for kind in ("client", "system", "public"):
        with pytest.raises(RealNameDenied):
            services.record_real_name(
                actor=Actor(kind=kind, name="x-1", role="courier", branch="HZ001"),
                number=parcel, kind=DocumentKind.RESIDENT, id_number=CARD, now=world.now,
            )  # fmt: skip


def test_the_check_is_made_while_the_parcel_is_taken_in_and_not_later(world):
    collected, gone = world.order(), world.order()
    world.drive(collected, "collected")
    world.drive(gone, "collected", "departed")
    assert not check(world, collected).replayed
    with pytest.raises(RealNameDenied) as refused:
        check(world, gone)
    assert refused.value.details["reason"] == "status"


def test_what_the_customer_restricted_is_not_added_to(world, parcel):
    keeping.place_hold(
        actor=OFFICER, kind=HoldKind.RESTRICTION, scope=Scope.WAYBILL, label="-",
        reason=HoldReason.CUSTOMER_OBJECTS, seqs=[seq_of(parcel)], now=world.now,
    )  # fmt: skip
    with pytest.raises(RealNameDenied) as refused:
        check(world, parcel)
    assert refused.value.details["reason"] == "restricted"


def test_a_number_that_is_none_is_refused_without_an_echo_and_nothing_is_kept(world, parcel):
    with pytest.raises(InvalidField) as refused:
        check(world, parcel, number=CARD[:-1] + "7")
    assert CARD[:6] not in str(refused.value.as_dict())
    assert not models.RealName.objects.exists()


def test_two_checks_at_once_leave_one(world, parcel):
    ended = []

    def one():
        try:
            ended.append(check(world, parcel).replayed)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [False, True, True]
    assert models.RealName.objects.count() == IdentityRecord.objects.count() == 1


def test_the_register_of_checks_refuses_to_be_changed(world, parcel):
    check(world, parcel)
    for change in (
        lambda: models.RealName.objects.update(checked_by="staff:S99999"),
        lambda: models.RealName.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_privacy_officer_examines_a_check_with_a_reason_and_nobody_else_does(world, parcel):
    check(world, parcel)
    asked = {"waybill": parcel, "fields": frozenset({"id_number"}), "now": world.now, "factor_age": 0}
    shown = access.reveal(
        actor=world.actor("privacy_officer"), purpose="real_name", reason="identity_check", **asked
    )
    assert shown.values["id_number"].reveal(shown.grant) == CARD
    assert log.entry(shown.entry_id).entry.party == (waybills.get(parcel).sender_party.hex(),)
    for role, purpose, reason in (
        ("privacy_officer", "real_name", ""),
        ("privacy_officer", "rights_request", "copy_requested"),
        ("courier", "real_name", "identity_check"),
        ("branch_manager", "real_name", "identity_check"),
    ):
        with pytest.raises(AccessDenied):
            access.reveal(actor=world.actor(role), purpose=purpose, reason=reason, **asked)


def test_a_comparison_needs_its_own_fresh_entry_and_uses_it_up(world, parcel):
    check(world, parcel)
    check(world, parcel)
    seq = seq_of(parcel)
    compared, checked = (
        next(view.entry.entry_id for view in log.of_objects([f"waybill:{parcel}"]) if view.entry.act == act)
        for act in ("collection:real_name:compared", "collection:real_name:checked")
    )
    for entry_id, number in ((compared, seq), (checked, seq), ("0" * 32, seq)):
        with pytest.raises(GrantRefused):
            vault.same_identity(entry_id=entry_id, seq=number, id_number=CARD, now=world.now)


def test_the_control_holds_when_every_parcel_taken_in_was_checked(world, parcel):
    def found():
        return next(one for one in controls.controls(None) if one.clause == "B1")

    assert found().state == "not_yet"
    world.drive(parcel, "collected")
    other = world.order()
    check(world, parcel)
    assert (found().state, found().figures["sealed"]) == ("enforced", 1)
    world.drive(other, "collected")
    assert (found().state, found().figures["checked"], found().figures["sample"]) == ("not_yet", 1, 2)
