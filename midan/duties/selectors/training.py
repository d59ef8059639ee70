"""Courses, exams as the person sees them, and results. The key to an exam leaves this area never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Max, OuterRef, Subquery

from midan.duties.course import Drawn, parse, place
from midan.duties.errors import NoCourse, NoExam
from midan.duties.models import Edition, Exam, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    slug: str
    number: int
    title: str
    required: bool
    pages: int
    questions: int
    draw: int
    pass_percent: int
    minutes: int
    attempts: int
    days: int
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    title: str
    paragraphs: tuple[str, ...]
    place: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    ask: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamView:
    code: str
    staff_no: str
    slug: str
    number: int
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    right: int
    draw: int
    needed: int
    passed: bool
    until: date | None


def latest(slug: str) -> Edition:
    """Return the edition in force; raise NoCourse."""
    row = Edition.objects.filter(slug=slug).order_by("-number").first()
    if row is None:
        raise NoCourse
    return row


def in_force() -> list[Edition]:
    """Return the editions in force, by name."""
    newest = (
        Edition.objects.filter(slug=OuterRef("slug")).values("slug").annotate(top=Max("number")).values("top")
    )
    return list(Edition.objects.filter(number=Subquery(newest)).order_by("slug"))


def courses(lang: str) -> tuple[CourseView, ...]:
    return tuple(_course_view(row, lang) for row in in_force())


def course_text(slug: str) -> str:
    """Return the file of the edition in force, as it was published; NoCourse."""
    return latest(slug).text


def course_page(slug: str, page: int, lang: str) -> PageView:
    """Return one page of the edition in force, from 1; NoCourse for a course or a page that is not there."""
    course, half = parse(latest(slug).text), place(lang)
    if not 1 <= page <= len(course.pages):
        raise NoCourse
    found = course.pages[page - 1]
    paragraphs = tuple(part.strip() for part in found.body[half].split("\n\n") if part.strip())
    return PageView(title=found.title[half], paragraphs=paragraphs, place=page, pages=len(course.pages))


def has_read(*, staff_no: str, slug: str) -> bool:
    """Return whether a person has reached the last page of the edition in force."""
    return Reading.objects.filter(staff_no=staff_no, edition=latest(slug)).exists()


def exam(*, staff_no: str, code: str) -> ExamView:
    """Return an exam of this person; raise NoExam."""
    return exam_view(exam_row(staff_no, code))


def exam_row(staff_no: str, code: str) -> Exam:
    try:
        wanted = bytes.fromhex(code)
    except ValueError:
        raise NoExam from None
    row = Exam.objects.select_related("edition").filter(id=wanted, staff_no=staff_no).first()
    if row is None:
        raise NoExam
    return row


def question_sheet(*, staff_no: str, code: str, lang: str) -> tuple[QuestionView, ...]:
    """Return an exam's questions with their options in the order drawn for it; nothing tells which is right."""
    row = exam_row(staff_no, code)
    course, half = parse(row.edition.text), place(lang)
    return tuple(
        QuestionView(
            ask=course.questions[at].ask[half],
            options=tuple(course.questions[at].options[one][half] for one in order),
        )
        for at, order in drawn_of(row)
    )


def drawn_of(row: Exam) -> tuple[Drawn, ...]:
    return tuple((int(at), tuple(int(one) for one in order)) for at, order in row.drawn)


def trained(slug: str) -> Mapping[str, date]:
    """Return until when each person's pass of a course holds."""
    rows = Exam.objects.filter(slug=slug, passed=True).values("staff_no").annotate(last=Max("until"))
    return dict(rows.values_list("staff_no", "last"))


def results(*, staff_no: str = "", limit: int = 100) -> tuple[ExamView, ...]:
    """Return exams, newest first: of one person, or of everybody."""
    rows = Exam.objects.select_related("edition").order_by(F("started_at").desc())
    if staff_no:
        rows = rows.filter(staff_no=staff_no)
    return tuple(exam_view(row) for row in rows[:limit])


def exam_view(row: Exam) -> ExamView:
    course = parse(row.edition.text)
    return ExamView(
        code=bytes(row.id).hex(),
        staff_no=row.staff_no,
        slug=row.slug,
        number=row.edition.number,
        started_at=row.started_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        right=row.right,
        draw=course.draw,
        needed=-(-course.draw * course.pass_percent // 100),
        passed=row.passed,
        until=row.until,
    )


def _course_view(row: Edition, lang: str) -> CourseView:
    course = parse(row.text)
    return CourseView(
        slug=row.slug,
        number=row.number,
        title=course.title[place(lang)],
        required=row.required,
        pages=len(course.pages),
        questions=len(course.questions),
        draw=course.draw,
        pass_percent=course.pass_percent,
        minutes=course.minutes,
        attempts=course.attempts,
        days=course.days,
        published_at=row.published_at,
    )
