"""Reads of duties: standings, documents, courses, checks."""

from midan.duties.selectors.checks import CheckView, check, checks
from midan.duties.selectors.documents import DocumentView, in_force, signed_file, signed_latest
from midan.duties.selectors.people import BoardRow, board, duties_of, reminders_of
from midan.duties.selectors.standing import standing
from midan.duties.selectors.training import (
    CourseView,
    ExamView,
    PageView,
    QuestionView,
    course_page,
    course_text,
    courses,
    exam,
    has_read,
    question_sheet,
    results,
)

__all__ = [
    "BoardRow",
    "CheckView",
    "CourseView",
    "DocumentView",
    "ExamView",
    "PageView",
    "QuestionView",
    "board",
    "check",
    "checks",
    "course_page",
    "course_text",
    "courses",
    "duties_of",
    "exam",
    "has_read",
    "in_force",
    "question_sheet",
    "reminders_of",
    "results",
    "signed_file",
    "signed_latest",
    "standing",
]
