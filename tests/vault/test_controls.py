"""The controls tell the truth of this moment, also when it is bad."""

from datetime import date

import pytest
from django.db import connection

from midan.core import sm
from midan.core.actor import Actor
from midan.vault import keyd, services
from midan.vault.controls import controls
from midan.vault.models import Epoch, Part, Share
from tests.vault.orders import SENDER, order, put

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 23)


def control(clause: str):
    return next(item for item in controls(TODAY) if item.clause == clause)


def test_an_empty_vault_proves_nothing(vault):
    assert control("L2.1").state == "not_yet"


def test_a_vault_that_does_not_exist_proves_nothing(midan_home, transactional_db):
    assert {item.clause: item.state for item in controls(TODAY)}["L2.1"] == "not_yet"


def test_sealed_parts_are_sampled_and_counted(vault):
    put([order(seq) for seq in range(1, 6)])
    found = control("L2.1")
    assert found.state == "proved"
    assert (found.figures["parts"], found.figures["epochs"], found.figures["found"]) == (15, 1, 0)
    assert found.figures["sample"] == found.figures["good"] >= 15
    assert found.evidence % found.figures


def test_an_altered_part_shows(vault):
    put([order(1)])
    sealed = bytes(Part.objects.get(leaf=0).sealed)
    Part.objects.filter(leaf=0).update(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert control("L2.1").state == "not_yet"


def test_a_value_lying_about_in_clear_shows_as_a_count_only(vault):
    put([order(1)])
    Epoch.objects.update(retention=SENDER.phone)
    found = control("L2.1")
    assert (found.state, found.figures["found"]) == ("not_yet", 1)
    assert SENDER.phone not in str(found)


def test_a_failed_self_test_shows(vault, monkeypatch):
    def fail() -> None:
        raise sm.SelfTestFailed("x", test="sm3")

    assert control("T2").state == "enforced"
    monkeypatch.setattr(sm, "self_test", fail)
    assert (control("T2").state, control("T2").figures["test"]) == ("not_yet", "sm3")


def test_a_locked_vault_shows(vault):
    put([order(1)])
    keyd._connections.clear()
    (vault / "keys" / "passphrase").write_bytes(b"wrong")
    found = control("L2.1")
    assert (found.state, found.figures) == ("not_yet", {"code": "wrong_passphrase"})
    assert connection.in_atomic_block is False


def test_the_keepers_receipts_are_evidence_only_once_there_are_some(vault, now):
    assert control("L6.1").state == "not_yet"
    services.rotate(actor=Actor.system("test"), now=now)
    assert (control("L6.1").state, control("L6.1").figures["best_effort"]) == ("enforced", 1)
    Share.objects.create(keeper="split:/a:/b", kind="split", generation=1, given_at=now)
    assert (control("L6.1").state, control("L6.1").figures["pending"]) == ("not_yet", 1)
