"""Let invented people do their duties as real ones do, and have a device that stands in. For demo, bench and tests."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from midan.core.actor import Actor
from midan.devices import services as devices
from midan.duties import selectors, services
from midan.duties.course import parse
from midan.duties.rules import YEAR, Duty, Kind, Standing
from midan.people.rules import StaffView

_KEEPER: Final = Actor.system("demo")
_EVIDENCE: Final = b"%PDF-1.4\n% an invented answer to an invented question\n%%EOF\n"


@transaction.atomic
def fulfil_all(*, staff: Iterable[StaffView], now: datetime) -> None:
    """Do what each of these people still owes today, through the real services; texts and courses must be published."""
    today = timezone.localdate(now)
    for person in staff:
        stands = selectors.standing(staff_no=person.staff_no, role=person.role, today=today)
        _fulfil(person, stands, now)
        devices.stand_in(actor=_KEEPER, staff_no=person.staff_no, now=now)


def _fulfil(person: StaffView, stands: Standing, now: datetime) -> None:
    actor = Actor(kind="staff", name=person.staff_no, role=person.role, branch=person.branch)
    for duty in stands.missing():
        if duty is Duty.TRAINING:
            for course in selectors.courses("zh"):
                if course.required:
                    _learn(actor, course.slug, now)
        elif duty is Duty.CHECK:
            code = services.request_check(actor=_KEEPER, staff_no=actor.name, now=now)
            services.conclude_check(
                actor=_KEEPER,
                code=code,
                result="passed",
                until=timezone.localdate(now) + YEAR,
                evidence=_EVIDENCE,
                now=now,
            )
        else:
            _sign(actor, Kind(duty), now)


def _sign(actor: Actor, kind: Kind, now: datetime) -> None:
    text = selectors.in_force(kind)
    if text is not None:
        services.sign_document(actor=actor, kind=kind, number=text.number, language="zh", now=now)


def _learn(actor: Actor, slug: str, now: datetime) -> None:
    """Read the course and answer its exam by what the course itself teaches."""
    taught = {one.ask[0]: one.options[0][0] for one in parse(selectors.course_text(slug)).questions}
    services.finish_reading(actor=actor, slug=slug, now=now)
    code = services.begin_exam(actor=actor, slug=slug, now=now)
    sheet = selectors.question_sheet(staff_no=actor.name, code=code, lang="zh")
    answers = [question.options.index(taught[question.ask]) for question in sheet]
    services.answer_exam(actor=actor, code=code, answers=answers, now=now)
