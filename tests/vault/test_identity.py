"""Identity numbers live, are held, are carried on and die by themselves, in an epoch family of their own."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from midan.core.parts import PartCode
from midan.core.warrant import Cut
from midan.vault import keyd, selectors, services
from midan.vault.errors import BlockRefused, EpochDestroyed, GrantRefused, PartGone, WarrantRefused
from midan.vault.keeping import selectors as keeping
from midan.vault.keeping import services as keeping_services
from midan.vault.keeping.rules import HoldKind, HoldReason, Scope
from midan.vault.keyd import inspection, stored
from midan.vault.models import DESTROYED, Epoch, IdentityPart, IdentityRecord, Part, Record, Reseal
from midan.vault.rules import ALL_PARTS, FAMILIES, IDENTITY, STANDARD, covering
from tests.vault.orders import entry_for, grant_for, order, put
from tests.vault.runs import OFFICER, approved, warrant
from tests.vault.test_served import asked

__all__ = ["asked"]

NUMBER = "110101190001010006"
OLD = date(2024, 5, 1)
FIELD = frozenset({"id_number"})


@pytest.fixture
def now():
    return timezone.now()


def show(seq: int, *, number: str = NUMBER, day: date | None = None) -> None:
    """Seal the number of a document the sender of this order showed."""
    lease = services.reserve_identity(day=day or timezone.localdate())
    with transaction.atomic():
        services.seal_identity(lease=lease, seq=seq, id_number=number)


def opened(seq: int, now) -> str:
    grant = grant_for(seq, FIELD, now)
    return services.open_fields(grant=grant, seq=seq, now=now)["id_number"].reveal(grant)


def epoch_of(seq: int) -> int:
    return IdentityRecord.objects.get(seq=seq).epoch


def hold(seq: int, now, kind=HoldKind.HOLD) -> None:
    keeping_services.place_hold(
        actor=OFFICER, kind=kind, scope=Scope.WAYBILL, label="-", reason=HoldReason.CLAIM_OPEN, seqs=[seq], now=now
    )  # fmt: skip


def test_a_number_opens_for_a_grant_that_names_it_and_from_its_own_place(vault, now):
    put([order(1), order(2)])
    show(1)
    assert opened(1, now) == NUMBER
    with pytest.raises(PartGone):
        opened(2, now)
    assert epoch_of(1) != Record.objects.get(seq=1).epoch
    assert Epoch.objects.get(number=epoch_of(1)).retention == "real_name"


def test_a_grant_for_a_name_does_not_open_the_number(vault, now):
    put([order(1)])
    show(1)
    names = frozenset({"sender_name"})
    grant = grant_for(1, FIELD, now, entry_id=entry_for(1, names, now))
    with pytest.raises(GrantRefused):
        services.open_fields(grant=grant, seq=1, now=now)


def test_no_masked_view_holds_it_whoever_asks_keyd_for_it(vault):
    put([order(1)])
    show(1)
    assert keyd.connect().mask_orders([1], [PartCode.IDENTITY]) == []
    shown = keyd.connect().mask_orders([1], list(PartCode))
    assert {one.part for one in shown} == STANDARD.parts
    assert selectors.masked([1])[1].erased == frozenset()


def test_a_waybill_has_one_number_and_a_dead_epoch_takes_none(vault, now):
    put([order(1)])
    show(1, day=OLD)
    with pytest.raises(IntegrityError):
        show(1)
    lease = services.reserve_identity(day=OLD)
    paper = warrant(now, epochs=[epoch_of(1)], basis="approved", details={"approval": "-"})
    with pytest.raises(WarrantRefused):
        services.destroy(actor=OFFICER, warrant=paper, epochs=[epoch_of(1)], now=now)
    Epoch.objects.filter(number=lease.epoch).update(state=DESTROYED)
    with pytest.raises(EpochDestroyed), transaction.atomic():
        services.seal_identity(lease=lease, seq=2, id_number=NUMBER)


def test_its_due_day_is_its_own_and_the_order_stays(vault, now):
    put([order(1)])
    show(1, day=OLD)
    epoch = epoch_of(1)
    assert Epoch.objects.get(number=epoch).due == OLD + timedelta(days=365)
    assert [one.number for one in keeping.due_epochs(timezone.localdate(now))] == [epoch]
    assert keeping.record_counts([epoch]) == {epoch: 1}
    services.destroy(
        actor=OFFICER, warrant=warrant(now, epochs=[epoch], basis="due"), epochs=[epoch], now=now
    )
    with pytest.raises(PartGone):
        opened(1, now)
    services.sweep(actor=OFFICER, epochs=[epoch], now=now)
    assert not IdentityPart.objects.exists()
    assert not IdentityRecord.objects.exists()
    assert (Part.objects.count(), set(selectors.masked([1]))) == (3, {1})


@pytest.mark.parametrize(
    ("part", "goes"),
    [(None, True), (PartCode.SENDER, True), (PartCode.IDENTITY, True), (PartCode.RECIPIENT, False)],
)
def test_it_goes_with_its_sender_and_with_the_whole_waybill_and_with_nobody_else(vault, now, part, goes):
    put([order(1), order(2)])
    show(1)
    show(2)
    cuts = [Cut(1, part)]
    services.puncture(actor=OFFICER, warrant=approved(now, cuts=cuts), cuts=cuts, now=now)
    services.sweep(actor=OFFICER, cuts=cuts, now=now)
    if goes:
        with pytest.raises(PartGone):
            opened(1, now)
    else:
        assert opened(1, now) == NUMBER
    assert IdentityPart.objects.count() == IdentityRecord.objects.count() == (1 if goes else 2)
    assert opened(2, now) == NUMBER


def test_a_hold_keeps_the_number_also_when_the_order_is_gone(vault, now):
    put([order(1)], day=OLD)
    show(1, day=OLD)
    standard, identity = Record.objects.get(seq=1).epoch, epoch_of(1)
    paper = approved(now, epochs=[standard])
    services.destroy(actor=OFFICER, warrant=paper, epochs=[standard], now=now)
    services.sweep(actor=OFFICER, epochs=[standard], now=now)
    hold(1, now)
    assert (selectors.state(1).destroyed, selectors.state(1, IDENTITY).held) == (True, True)
    assert keeping.held_seqs([identity]) == {identity: [1]}
    paper = warrant(now, epochs=[identity], basis="due")
    with pytest.raises(WarrantRefused):
        services.destroy(actor=OFFICER, warrant=paper, epochs=[identity], now=now)
    cuts = [Cut(1, PartCode.IDENTITY)]
    with pytest.raises(WarrantRefused):
        services.puncture(actor=OFFICER, warrant=approved(now, cuts=cuts), cuts=cuts, now=now)
    assert opened(1, now) == NUMBER


def test_a_held_number_is_carried_into_an_epoch_of_its_family_and_its_neighbour_is_not(vault, now):
    put([order(1), order(2)])
    show(1, day=OLD)
    show(2, day=OLD)
    hold(1, now)
    old = epoch_of(1)
    paper = warrant(now, epochs=[old], basis="due")
    causes = {1: "held"}
    assert services.reseal(actor=OFFICER, warrant=paper, run="D1", causes=causes, now=now) == 1
    assert services.reseal(actor=OFFICER, warrant=paper, run="D1", causes=causes, now=now) == 0
    services.destroy(actor=OFFICER, warrant=paper, epochs=[old], now=now)
    assert opened(1, now) == NUMBER
    with pytest.raises(PartGone):
        opened(2, now)
    assert Epoch.objects.get(number=epoch_of(1)).retention == "carried_real_name"
    (moved,) = Reseal.objects.all()
    assert (moved.retention, moved.day, moved.from_epoch) == ("real_name", OLD, old)
    assert keeping.origins([1]) == {(1, epoch_of(1)): ("real_name", OLD)}
    assert Record.objects.get(seq=1).epoch not in {old, epoch_of(1)}


def test_both_families_of_one_waybill_are_carried_each_into_its_own(vault, now):
    put([order(1)], day=OLD)
    show(1, day=OLD)
    both = [Record.objects.get(seq=1).epoch, epoch_of(1)]
    paper = approved(now, epochs=both)
    assert services.reseal(actor=OFFICER, warrant=paper, run="D1", causes={1: "straggler"}, now=now) == 2
    services.destroy(actor=OFFICER, warrant=paper, epochs=both, now=now)
    assert opened(1, now) == NUMBER
    assert set(selectors.masked([1])) == {1}
    classes = {place.retention for place in keeping.places([1], FAMILIES)}
    assert classes == {"carried", "carried_real_name"}
    assert set(keeping.origins([1]).values()) == {("standard", OLD), ("real_name", OLD)}


def test_keyd_compares_and_says_nothing_else(vault, now):
    put([order(1)])
    show(1)

    def compared(value: str) -> bool:
        entry_id = entry_for(1, FIELD, now, act="collection:real_name:compared", details={})
        return services.same_identity(entry_id=entry_id, seq=1, id_number=value, now=now)

    assert compared(NUMBER)
    assert not compared(NUMBER[:-1])
    with pytest.raises(GrantRefused):
        services.same_identity(entry_id=entry_for(1, FIELD, now), seq=1, id_number=NUMBER, now=now)
    with pytest.raises(RuntimeError), transaction.atomic():
        compared(NUMBER)


def test_a_row_put_in_another_waybills_place_does_not_open(vault, now):
    put([order(1), order(2)])
    show(1)
    IdentityRecord.objects.filter(seq=1).update(seq=2)
    from midan.vault.errors import PartDamaged

    with pytest.raises(PartDamaged):
        opened(2, now)


def test_the_parts_of_a_waybill_are_listed_with_its_number(vault):
    put([order(1)])
    show(1)
    assert {part for _, _, part in selectors.parts_of([1])} == ALL_PARTS
    assert {row.part for row in stored.sealed_parts([1], {PartCode.IDENTITY})} == {PartCode.IDENTITY}
    assert selectors.identity_count() == 1


@pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') != 'postgres'", reason="needs PostgreSQL")
def test_on_postgresql_an_epochs_numbers_lie_in_a_partition_that_goes_with_it(vault, now):
    show(1, day=OLD)
    epoch = epoch_of(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM vault_identitypart")
        assert cursor.fetchall() == [(f"vault_identitypart_e{epoch}",)]
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("SELECT vault_partition_drop(%s, 'vault_identitypart')", [epoch])
    services.destroy(
        actor=OFFICER, warrant=warrant(now, epochs=[epoch], basis="due"), epochs=[epoch], now=now
    )
    services.sweep(actor=OFFICER, epochs=[epoch], now=now)
    assert f"vault_identitypart_e{epoch}" not in connection.introspection.table_names()


@given(
    st.sets(
        st.builds(
            Cut,
            st.integers(0, 99),
            st.sampled_from([None, *(part for part in PartCode if part in ALL_PARTS)]),
        )
    )
)
def test_covering_adds_the_number_to_its_sender_and_nothing_else(cuts):
    found = covering(cuts)
    assert found >= cuts
    assert covering(found) == found
    assert {cut.seq for cut in found} == {cut.seq for cut in cuts}
    for cut in found - cuts:
        assert cut.part == PartCode.IDENTITY
        assert Cut(cut.seq, PartCode.SENDER) in cuts


def test_every_part_lies_in_one_family_and_every_subject_seals_one_part():
    assert sum(len(family.subjects) for family in FAMILIES) == len(ALL_PARTS)
    for family in FAMILIES:
        assert all(family.subject(part) == subject for subject, part in family.subjects.items())


def test_the_socket_takes_seals_opens_and_compares_as_the_process_itself_does(asked, now):
    today = timezone.localdate()
    put([order(1)], day=today)
    show(1)
    assert isinstance(keyd.connect(), type(asked))
    assert opened(1, timezone.now()) == NUMBER
    entry_id = entry_for(1, FIELD, timezone.now(), act="collection:real_name:compared", details={})
    assert asked.same_identity(entry_id=entry_id, seq=1, id_number=NUMBER, now=now)
    with pytest.raises(GrantRefused):
        asked.same_identity(entry_id=entry_id, seq=1, id_number=NUMBER, now=now)
    assert asked.mask_orders([1], [PartCode.IDENTITY]) == []
    with pytest.raises(BlockRefused):
        asked.reserve(retention="carried_real_name", day=today, records=1)


def test_keyd_sees_an_identity_number_in_a_clear_column(vault):
    put([order(1)])
    show(1)
    rows = stored.sealed_parts([1])
    fields = [("x",) * 3] * 3 + [(NUMBER,)]
    assert [row.part for row in rows][-1] == PartCode.IDENTITY
    assert inspection.occurrences(rows, fields, f"a note: {NUMBER}") == 1
    assert inspection.occurrences(rows, fields, "a note") == 0
