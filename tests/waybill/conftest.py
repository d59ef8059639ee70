"""Parcels between two invented branches and a station."""

from datetime import timedelta

import pytest
from django.db import transaction

from midan.core import number
from midan.core.actor import Actor
from midan.waybill import services
from midan.waybill.rules import NewWaybill
from tests.branches import open_branches

KEY = bytes(range(16))
SYSTEM = Actor.system("test")


def new_waybill(seq, now, **changes):
    row = {
        "seq": seq,
        "number": number.encode(KEY, seq),
        "client": "shop-1",
        "branch": "HZ001",
        "destination": "SZ001",
        "district_code": "440305",
        "sorting_code": "755-N01-003",
        "goods_kind": "clothing",
        "quantity": 1,
        "weight_g": 800,
        "retention": "standard",
        "sender_party": seq.to_bytes(16),
        "recipient_party": (seq + 10**6).to_bytes(16),
        "notice_version": "2026-11",
        "batch": bytes(16),
        "created_at": now,
    }
    return NewWaybill(**row | changes)


@pytest.fixture
def register(db, now):
    """Register `count` waybills and return their numbers; changes apply to each."""

    def act(count=1, **changes):
        rows = [new_waybill(seq, now, **changes) for seq in services.reserve_numbers(count)]
        with transaction.atomic():
            services.register(rows)
        return [row.number for row in rows]

    return act


@pytest.fixture
def branches(db):
    open_branches(SYSTEM)


@pytest.fixture
def drive(now):
    """Scan a chain of (event, actor[, station]) one hour after another, from the next hour on."""

    def act(waybill, *steps, start=1):
        for place, (event, actor, *station) in enumerate(steps, start=start):
            services.scan(
                actor=actor,
                number=waybill,
                event=event,
                branch=actor.branch or "HZ001",
                station=station[0] if station else "",
                at=now + timedelta(hours=place),
                now=now + timedelta(hours=place),
            )

    return act
