"""Live evidence for M2, M3 and M4: who has fulfilled what, and that nobody who has not is let through."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.audit import keys
from midan.audit.errors import LogNotInitialised
from midan.catalog.rules import Control, Found
from midan.duties.errors import SignatureRefused
from midan.duties.rules import Duty, Kind, Light
from midan.duties.selectors import BoardRow, board, courses, in_force, signed_file, signed_latest, standing
from midan.duties.statement import check

_control = partial(Control.of, "duties")
_SAMPLE: Final = 20  # signatures read back at each look


def controls(today: date) -> list[Control]:
    """Return the live checks; a clause is not yet kept while somebody is let through who owes something."""
    now, rows = timezone.now(), board(today=today)
    through = _let_through(rows, today)
    return [
        _agreement(rows, through, now),
        _training(rows, through, now),
        _checks(rows, through, now),
        _rules(rows, through, now),
    ]


def _let_through(rows: Sequence[BoardRow], today: date) -> Mapping[Duty, int]:
    """Return for each duty how many people owe it by the board and not by what a decision asks: none, or both lie."""
    wrong = dict.fromkeys(Duty, 0)
    for row in rows:
        stands = standing(staff_no=row.staff_no, role=row.role, today=today).missing()
        for duty in row.duties:
            wrong[duty.duty] += (not duty.done) != (duty.duty in stands)
    return wrong


def _counts(rows: Sequence[BoardRow], duty: Duty) -> dict[str, str | int]:
    views = [one for row in rows for one in row.duties if one.duty is duty]
    return {
        "people": len(views),
        "done": sum(one.done for one in views),
        "blocked": sum(not one.done for one in views),
        "soon": sum(one.light is Light.AMBER for one in views),
    }


def _agreement(rows: Sequence[BoardRow], through: Mapping[Duty, int], now: datetime) -> Control:
    title = _("保密协议：未签现行版本的人看不到明文，也不能查找")
    text = in_force(Kind.AGREEMENT)
    if text is None or not rows:
        return _control("M2", title, ("not_yet", _("尚无现行文本，或尚未登记员工")), now)
    tried, broken = _read_back(Kind.AGREEMENT)
    figures = _counts(rows, Duty.AGREEMENT) | {
        "number": text.number,
        "tried": tried,
        "broken": broken,
        "wrong": through[Duty.AGREEMENT],
    }
    evidence = _(
        "现行第 %(number)d 版，%(people)d 人中已签 %(done)d 人，因未签而拦下 %(blocked)d 人，该拦未拦 %(wrong)d 人；"
        "抽验 SM2 签名 %(tried)d 份，不符 %(broken)d 份"
    )
    whole = not broken and not through[Duty.AGREEMENT]
    return _control("M2", title, ("enforced" if whole else "not_yet", evidence), now, **figures)


def _training(rows: Sequence[BoardRow], through: Mapping[Duty, int], now: datetime) -> Control:
    title = _("培训：必修课程一年一考，过期当天关闭明文与查找")
    required = [course for course in courses("zh") if course.required]
    if not required or not rows:
        return _control("M2", title, ("not_yet", _("尚无必修课程，或尚未登记员工")), now)
    figures = _counts(rows, Duty.TRAINING) | {
        "courses": len(required),
        "questions": sum(course.questions for course in required),
        "wrong": through[Duty.TRAINING],
    }
    evidence = _(
        "必修课程 %(courses)d 门、题库 %(questions)d 题；%(people)d 人中合格在有效期内 %(done)d 人，"
        "30 天内到期 %(soon)d 人，拦下 %(blocked)d 人，该拦未拦 %(wrong)d 人"
    )
    found: Found = ("not_yet" if through[Duty.TRAINING] else "enforced", evidence)
    return _control("M2", title, found, now, **figures)


def _checks(rows: Sequence[BoardRow], through: Mapping[Duty, int], now: datetime) -> Control:
    title = _("关键岗位背景审查：没有有效结果的看不到明文，材料密封保存")
    figures = _counts(rows, Duty.CHECK) | {"wrong": through[Duty.CHECK]}
    if not figures["people"]:
        return _control("M3", title, ("not_yet", _("尚无关键岗位的员工")), now)
    evidence = _(
        "关键岗位 %(people)d 人，审查有效 %(done)d 人，30 天内到期 %(soon)d 人，拦下 %(blocked)d 人，该拦未拦 %(wrong)d 人"
    )
    found: Found = ("not_yet" if through[Duty.CHECK] else "enforced", evidence)
    return _control("M3", title, found, now, **figures)


def _rules(rows: Sequence[BoardRow], through: Mapping[Duty, int], now: datetime) -> Control:
    title = _("行为规范：每年确认一次，未确认的看不到明文")
    text = in_force(Kind.RULES)
    if text is None or not rows:
        return _control("M4", title, ("not_yet", _("尚无现行文本，或尚未登记员工")), now)
    figures = _counts(rows, Duty.RULES) | {"number": text.number, "wrong": through[Duty.RULES]}
    evidence = _(
        "现行第 %(number)d 版，%(people)d 人中有效确认 %(done)d 人，30 天内到期 %(soon)d 人，拦下 %(blocked)d 人，"
        "该拦未拦 %(wrong)d 人"
    )
    found: Found = ("not_yet" if through[Duty.RULES] else "enforced", evidence)
    return _control("M4", title, found, now, **figures)


def _read_back(kind: Kind) -> tuple[int, int]:
    """Verify some signatures as an outsider would, with the log's public key alone; return how many, how many fail."""
    try:
        trusted = keys.verifier()
    except LogNotInitialised:
        return 0, 0
    broken = 0
    signers = sorted(signed_latest(kind))[:_SAMPLE]
    for staff_no in signers:
        try:
            check(signed_file(staff_no=staff_no, kind=kind) or b"", trusted=trusted)
        except SignatureRefused:
            broken += 1
    return len(signers), broken
