"""Sets, increments, journals and restores hold identity numbers as they hold orders, and bring no dead one back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from midan.core.parts import PartCode
from midan.core.warrant import Cut
from midan.vault import services
from midan.vault.backup import key, opening
from midan.vault.errors import PartGone
from midan.vault.models import IdentityPart, IdentityRecord
from tests.vault.runs import approved
from tests.vault.test_backup_sets import OTHER_DAY, full, increment, journal
from tests.vault.test_identity import NUMBER, epoch_of, opened, show
from tests.vault.test_restore import ACTOR, story, table

__all__ = ["story"]
TABLES = ("vault_identitypart", "vault_identityrecord")


def lying() -> dict[str, list[tuple[object, ...]]]:
    return {name: table(name) for name in TABLES}


def test_a_place_restored_opens_the_numbers_it_had_and_those_of_its_increments(story):
    show(1)
    full(story)
    show(2)
    made = increment(story)
    held = {one.name: one.rows for one in opening.open_set(made.folder, key.read()).manifest.tables}
    assert (held["vault_identitypart"], held["vault_identityrecord"]) == (2, 2)
    before = lying()
    story.leave()
    story.restore()
    assert lying() == before
    assert opened(1, timezone.now()) == opened(2, timezone.now()) == NUMBER


def test_what_was_erased_after_the_set_does_not_come_back(story):
    show(1)
    show(2)
    full(story)
    cuts = (Cut(1, PartCode.SENDER),)
    services.puncture(actor=ACTOR, warrant=approved(story.now, cuts=cuts), cuts=cuts, now=story.now)
    services.rotate(actor=ACTOR, now=story.now)
    story.leave()
    story.restore()
    assert [row.seq for row in IdentityRecord.objects.all()] == [2]
    assert IdentityPart.objects.count() == 1
    with pytest.raises(PartGone):
        opened(1, timezone.now())
    assert opened(2, timezone.now()) == NUMBER


def test_a_number_carried_out_of_a_destroyed_day_comes_back_from_the_journal(story):
    show(1, day=OTHER_DAY)
    show(2, day=OTHER_DAY)
    full(story)
    old = epoch_of(1)
    story.now += timedelta(hours=1)
    paper = approved(story.now, epochs=(old,))
    services.reseal(actor=ACTOR, warrant=paper, run="D1", causes={1: "held"}, now=story.now)
    journal.save(actor=ACTOR, now=story.now)
    services.destroy(actor=ACTOR, warrant=paper, epochs=(old,), now=story.now)
    services.rotate(actor=ACTOR, now=story.now)
    services.sweep(actor=ACTOR, epochs=(old,), now=story.now)
    before = lying()
    story.leave()
    assert story.restore().journals == 1
    assert lying() == before
    assert opened(1, timezone.now()) == NUMBER
    with pytest.raises(PartGone):
        opened(2, timezone.now())
