"""Write down once what ends in 30, 7 and 1 days: a scan that may run as often as it likes."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.core.actor import Actor
from midan.duties.events import Act
from midan.duties.models import Reminder
from midan.duties.rules import reminder
from midan.duties.selectors.people import board


@transaction.atomic
def remind(*, actor: Actor, now: datetime) -> int:
    """Return how many reminders were new; each duty's end gives at most three."""
    today = timezone.localdate(now)
    made = 0
    for row in board(today=today):
        for duty in row.duties:
            if duty.until is None or duty.days_left is None:
                continue
            ahead = reminder(duty.days_left)
            if ahead is None:
                continue
            _, new = Reminder.objects.get_or_create(
                staff_no=row.staff_no, duty=duty.duty, until=duty.until, ahead=ahead, defaults={"at": now}
            )
            made += new
    if made:
        record(actor=actor, act=Act.REMINDED, object="reminders:duties", clause="M2", count=made, at=now)
    return made
