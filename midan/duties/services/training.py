"""Publish a course, read it, be examined. An exam belongs to the edition it was drawn from, whatever is published since."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from os import urandom
from random import SystemRandom

from django.db import transaction
from django.utils import timezone

from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.sm import sm3
from midan.duties.course import count_right, draw, parse
from midan.duties.errors import AttemptsUsed, DutyDenied, NoExam, NotRead
from midan.duties.events import Act
from midan.duties.models import Edition, Exam, Reading
from midan.duties.rules import keeps
from midan.duties.selectors.training import ExamView, drawn_of, exam_row, exam_view, has_read, latest
from midan.people import selectors as people

_WINDOW = timedelta(hours=24)


@transaction.atomic
def publish_course(*, actor: Actor, text: str, now: datetime) -> int:
    """Put an edition in force and return its number; DutyDenied, BadCourse. Passes of older editions keep their day."""
    if not keeps(kind=actor.kind, role=actor.role) or not people.holds_post(actor):
        raise DutyDenied
    text = text.replace("\r\n", "\n")
    course = parse(text)
    newest = Edition.objects.filter(slug=course.slug).order_by("-number").first()
    if newest is not None and newest.text == text:
        return newest.number
    number = 1 if newest is None else newest.number + 1
    Edition.objects.create(
        slug=course.slug,
        number=number,
        required=course.required,
        text=text,
        published_at=now,
        published_by=actor.reference,
    )
    record(
        actor=actor,
        act=Act.COURSE_PUBLISHED,
        object=f"course:{course.slug}-{number}",
        clause="M2",
        details={
            "text_sm3": sm3(text.encode()).hex(),
            "pages": len(course.pages),
            "questions": len(course.questions),
        },
        at=now,
    )
    return number


@transaction.atomic
def finish_reading(*, actor: Actor, slug: str, now: datetime) -> None:
    """Write down that a person reached the last page of the edition in force, once; DutyDenied, NoCourse."""
    _require_person(actor)
    edition = latest(slug)
    _, first = Reading.objects.get_or_create(staff_no=actor.name, edition=edition, defaults={"at": now})
    if first:
        _record(actor, Act.COURSE_READ, edition, now)


@transaction.atomic
def begin_exam(*, actor: Actor, slug: str, now: datetime) -> str:
    """Draw an exam and return its code, or that of the one still running; DutyDenied, NoCourse, NotRead, AttemptsUsed."""
    _require_person(actor)
    edition = latest(slug)
    # Two presses at once wait for each other on what was read: there may be no exam yet to wait for.
    list(Reading.objects.select_for_update(of=("self",)).filter(staff_no=actor.name, edition__slug=slug))
    mine = Exam.objects.select_for_update().filter(staff_no=actor.name, slug=slug)
    running = mine.filter(ended_at=None).first()
    if running is not None and running.ends_at > now:
        return bytes(running.id).hex()
    if running is not None:
        _end(actor, running, (), now)
    if not has_read(staff_no=actor.name, slug=slug):
        raise NotRead
    course = parse(edition.text)
    if mine.filter(started_at__gt=now - _WINDOW, passed=False).count() >= course.attempts:
        raise AttemptsUsed(course.attempts)
    made = Exam.objects.create(
        id=urandom(16),
        staff_no=actor.name,
        slug=slug,
        edition=edition,
        drawn=draw(course, SystemRandom()),
        started_at=now,
        ends_at=now + timedelta(minutes=course.minutes),
    )
    _record(actor, Act.EXAM_BEGUN, edition, now)
    return bytes(made.id).hex()


@transaction.atomic
def answer_exam(*, actor: Actor, code: str, answers: Sequence[int], now: datetime) -> ExamView:
    """Hand an exam in and return what came of it; NoExam. Handed in late, no answer counts."""
    _require_person(actor)
    row = exam_row(actor.name, code)
    locked = Exam.objects.select_for_update().select_related("edition").get(id=row.id)
    if locked.ended_at is not None or len(answers) != len(locked.drawn):
        raise NoExam
    _end(actor, locked, () if now > locked.ends_at else answers, now)
    return exam_view(locked)


def _end(actor: Actor, row: Exam, answers: Sequence[int], now: datetime) -> None:
    """Close an exam; without answers it is not passed."""
    course = parse(row.edition.text)
    row.right = count_right(drawn_of(row), answers) if answers else 0
    row.passed = course.passes(row.right)
    row.until = timezone.localdate(now) + timedelta(days=course.days) if row.passed else None
    row.ended_at = now
    row.save(update_fields=["right", "passed", "until", "ended_at"])
    _record(actor, Act.EXAM_ENDED, row.edition, now, right=row.right, passed=int(row.passed))


def _record(actor: Actor, act: Act, edition: Edition, now: datetime, **details: int) -> None:
    record(
        actor=actor,
        act=act,
        object=f"course:{edition.slug}-{edition.number}",
        clause="M2",
        details=dict(details),
        at=now,
    )


def _require_person(actor: Actor) -> None:
    if actor.kind != "staff":
        raise DutyDenied
