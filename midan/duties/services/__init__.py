"""The verbs of duties: publish, sign, learn, be examined, check, remind."""

from midan.duties.services.checks import conclude_check, evidence, request_check
from midan.duties.services.documents import publish_document, sign_document
from midan.duties.services.reminders import remind
from midan.duties.services.starters import publish_starters
from midan.duties.services.training import answer_exam, begin_exam, finish_reading, publish_course

__all__ = [
    "answer_exam",
    "begin_exam",
    "conclude_check",
    "evidence",
    "finish_reading",
    "publish_course",
    "publish_document",
    "publish_starters",
    "remind",
    "request_check",
    "sign_document",
]
