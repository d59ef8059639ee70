"""What collection can show at this moment for clauses B1, G1, G2, G5, L1.1, L1.2 and L1.3."""

from datetime import date, datetime
from functools import partial
from typing import Final

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.audit import selectors as audit
from midan.audit.errors import EntryUnknown
from midan.catalog.rules import FIELDS, PURPOSES, Control, LegalBasis, Purpose
from midan.collection import selectors
from midan.collection.rules import (
    COLUMNS,
    EXCESS,
    GOOD,
    LANGUAGES,
    WRONG,
    let_in,
    missing_from,
    names_nobody,
    rightly_judged,
)
from midan.vault import selectors as vault
from midan.waybill import selectors as waybills
from midan.waybill.rules import Filter
from midan.waybill.rules.scans import Status

_SAMPLE: Final = 200
# The version of the notice says nothing about anybody.
_OF_NOBODY: Final = frozenset({"notice_version"})
_control = partial(Control.of, "collection")


def controls(today: date) -> list[Control]:
    """Return the live checks; figures are of now, whatever day is asked about."""
    del today
    moment = timezone.now()
    notices = [view for view in selectors.notices() if view.version == selectors.current_version()]
    return [
        _legal_basis(moment),
        _minimum(moment),
        _public(notices, moment),
        _guided(moment),
        _consent(notices, moment),
        _validated(moment),
        _real_name(moment),
    ]


def _legal_basis(moment: datetime) -> Control:
    title = _("每项处理都有法律依据")
    version = selectors.current_version()
    if not version:
        return _control("G1", title, ("not_yet", _("尚未发布告知，不接收任何订单")), moment)
    bases = selectors.bases(version)
    wrong = [base.purpose for base in bases if base.basis != PURPOSES[Purpose(base.purpose)].basis]
    if wrong:
        text = _("告知 %(version)s 有 %(wrong)d 项用途的依据与目录不一致")
        return _control("G1", title, ("not_yet", text), moment, version=version, wrong=len(wrong))
    text = _("目录中 %(fields)d 项信息的每个用途都有依据；现行告知 %(version)s 逐方逐用途记录 %(uses)d 项")
    figures: dict[str, str | int] = {"version": version, "uses": len(bases), "fields": len(FIELDS)}
    return _control("G1", title, ("enforced", text), moment, **figures)


def _minimum(moment: datetime) -> Control:
    """Hold while the door refuses what is too much, and the notice told what each field it takes is needed for."""
    title = _("只收集寄递所必需的信息")
    version = selectors.current_version()
    if not version:
        return _control("G2", title, ("not_yet", _("尚未发布告知，不接收任何订单")), moment)
    needed = {
        name for base in selectors.bases(version) if base.basis != LegalBasis.CONSENT for name in base.fields
    }
    totals = selectors.totals()
    figures: dict[str, str | int] = {
        "fields": len(COLUMNS),
        "untold": len(set(COLUMNS) - needed - _OF_NOBODY),
        "tried": len(EXCESS),
        "let_in": let_in(EXCESS),
        "accepted": totals.accepted,
        "rejected": totals.rejected,
    }
    if figures["untold"] or figures["let_in"]:
        text = _(
            "接收的 %(fields)d 个字段中有 %(untold)d 个未在现行告知中写明必需的用途；"
            "刚试交 %(tried)d 份多余信息，放行 %(let_in)d 份"
        )
        return _control("G2", title, ("not_yet", text), moment, **figures)
    text = _(
        "只接收 %(fields)d 个字段，现行告知都写明了必需的用途；刚试交 %(tried)d 份带多余字段或证件号码的订单，全部拒收；"
        "已收 %(accepted)d 单，文件中拒收 %(rejected)d 行"
    )
    return _control("G2", title, ("enforced", text), moment, **figures)


def _public(notices: list[selectors.NoticeView], moment: datetime) -> Control:
    title = _("公开、可读、不可悄悄改动的告知")
    if {view.lang for view in notices} != set(LANGUAGES):
        return _control("G5", title, ("not_yet", _("尚未发布中英文告知")), moment)
    version = notices[0].version
    if not all(view.intact and view.digest == _logged_digest(view) for view in notices):
        text = _("告知 %(version)s 的内容与发布时记入日志的摘要不符")
        return _control("G5", title, ("not_yet", text), moment, version=version)
    lacking = [name for view in notices for name in missing_from(view.body)]
    if lacking:
        text = _("告知 %(version)s 缺少 %(lacking)d 项法定内容")
        return _control("G5", title, ("not_yet", text), moment, version=version, lacking=len(lacking))
    if any(names_nobody(view.body) for view in notices):
        text = _("告知 %(version)s 还没有写明企业的名称与联系方式")
        return _control("G5", title, ("not_yet", text), moment, version=version)
    text = _("告知 %(version)s 于 %(day)s 发布，中英文齐全，内容与日志条目 %(entry)s 中的摘要一致")
    day = notices[0].published_at.date().isoformat()
    return _control(
        "G5", title, ("proved", text), moment, version=version, day=day, entry=notices[0].entry_id
    )


def _logged_digest(view: selectors.NoticeView) -> str:
    """Return the digest the log's own bytes hold for this text, '' when the log has no such entry."""
    try:
        return str(audit.entry(view.entry_id).entry.details.get(f"sm3_{view.lang}", ""))
    except EntryUnknown:
        return ""


def _guided(moment: datetime) -> Control:
    title = _("电子化、有引导的填写")
    totals = selectors.totals()
    text = _("已电子化接收 %(accepted)d 单（%(batches)d 批）；面向寄件人的引导填写页面尚未提供")
    return _control(
        "L1.1", title, ("not_yet", text), moment, accepted=totals.accepted, batches=totals.batches
    )


def _consent(notices: list[selectors.NoticeView], moment: datetime) -> Control:
    """Hold while every order of the sample names a notice that was in force, or in its grace, when it came in."""
    title = _("告知在先，可选用途另行同意")
    if not notices:
        return _control("L1.2", title, ("not_yet", _("尚未发布告知，不接收任何订单")), moment)
    spans = selectors.notice_spans()
    sample = waybills.page(narrow=Filter(), limit=_SAMPLE).items
    unfounded = sum(not _told_before(spans.get(row.notice_version), row.created_at) for row in sample)
    standing, withdrawn = selectors.consent_counts()
    figures: dict[str, str | int] = {
        "version": notices[0].version,
        "sample": len(sample),
        "unfounded": unfounded,
        "standing": standing,
        "withdrawn": withdrawn,
    }
    if unfounded:
        text = _("抽查最近 %(sample)d 单，%(unfounded)d 单所写的告知版本当时没有生效")
        return _control("L1.2", title, ("not_yet", text), moment, **figures)
    text = _(
        "订单必须写明当时有效的告知版本，否则拒收；抽查最近 %(sample)d 单全部如此；现行 %(version)s；"
        "可选用途的同意 %(standing)d 项未撤回、%(withdrawn)d 项已撤回"
    )
    return _control("L1.2", title, ("enforced", text), moment, **figures)


def _told_before(span: selectors.Span | None, moment: datetime) -> bool:
    return span is not None and span[0] <= moment and (span[1] is None or moment < span[1])


def _validated(moment: datetime) -> Control:
    """Hold while a good specimen is taken, and a wrong value in each field is refused with that field named."""
    title = _("逐字段校验后才入库")
    totals = selectors.totals()
    figures: dict[str, str | int] = {
        "accepted": totals.accepted,
        "uploads": totals.uploads,
        "rejected": totals.rejected,
        "fields": len(WRONG),
        "judged": rightly_judged(),
        "good": let_in([GOOD]),
    }
    text = _(
        "刚用 %(fields)d 个错误样本逐字段试交，%(judged)d 个被正确拒收，正确样本放行 %(good)d 个；已收 %(accepted)d 单，"
        "%(uploads)d 个文件中拒收 %(rejected)d 行，拒收记录只含行号、字段名和原因代码"
    )
    whole = figures["judged"] == len(COLUMNS) and figures["good"]
    return _control("L1.3", title, ("enforced" if whole else "not_yet", text), moment, **figures)


def _real_name(moment: datetime) -> Control:
    """Hold while every parcel of the sample that was taken in has its sender's check, and no number lies in clear."""
    title = _("收寄时当面查验证件，号码另行加密，不入运单")
    sample = waybills.page(narrow=Filter(), limit=_SAMPLE).items
    taken = [row.seq for row in sample if row.status != Status.CREATED]
    figures: dict[str, str | int] = {
        "sample": len(taken),
        "checked": len(selectors.real_names(taken)),
        "total": selectors.real_name_total(),
        "sealed": vault.identity_count(),
    }
    if not taken or figures["checked"] != len(taken):
        text = _(
            "部分：抽查最近已收寄 %(sample)d 单，有实名查验记录 %(checked)d 单；共登记 %(total)d 次，"
            "尚存密封号码 %(sealed)d 个"
        )
        return _control("B1", title, ("not_yet", text), moment, **figures)
    text = _(
        "抽查最近已收寄 %(sample)d 单，全部有实名查验记录；共登记 %(total)d 次，尚存密封号码 %(sealed)d 个，"
        "在单独的密钥期与表中"
    )
    return _control("B1", title, ("enforced", text), moment, **figures)
