"""Grants: named fields, one opening, one minute."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest

from midan.core.grant import Grant

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
GRANT = Grant(
    actor="staff:S00001",
    waybill="MD0311228243038",
    fields=frozenset({"recipient_phone"}),
    purpose="deliver",
    entry_id="00112233445566778899aabbccddeeff",
    issued_at=NOON,
)


@pytest.mark.parametrize(
    ("seconds", "fresh"), [(0, True), (60, True), (60.000001, False), (-0.000001, False), (86_400, False)]
)
def test_a_grant_lives_sixty_seconds(seconds, fresh):
    assert GRANT.fresh(NOON + timedelta(seconds=seconds)) is fresh


def test_a_grant_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        GRANT.purpose = "sell"
    assert not hasattr(GRANT, "__dict__")


@pytest.mark.parametrize("name", ["actor", "waybill", "purpose", "entry_id", "fields"])
def test_a_grant_that_names_nothing_is_a_mistake(name):
    with pytest.raises(ValueError, match="a grant names"):
        replace(GRANT, **{name: frozenset() if name == "fields" else ""})


def test_a_time_without_zone_is_a_mistake():
    with pytest.raises(ValueError, match="zone"):
        replace(GRANT, issued_at=NOON.replace(tzinfo=None))
