"""What collection can show at this moment for clauses G1, G2, G5, L1.1, L1.2 and L1.3."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules import FIELDS, ORDER_FIELDS, PURPOSES, Control, Purpose, State
from midan.collection import selectors
from midan.collection.rules import COLUMNS, LANGUAGES, missing_from

Figures = Mapping[str, str | int]
_NOTHING: Figures = MappingProxyType({})


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
    ]


def _legal_basis(moment: datetime) -> Control:
    title = _("每项处理都有法律依据")
    version = selectors.current_version()
    if not version:
        return _control("G1", title, "not_yet", _("尚未发布告知，不接收任何订单"), moment)
    bases = selectors.bases(version)
    wrong = [base.purpose for base in bases if base.basis != PURPOSES[Purpose(base.purpose)].basis]
    if wrong:
        text = _("告知 %(version)s 有 %(wrong)d 项用途的依据与目录不一致")
        return _control("G1", title, "not_yet", text, moment, {"version": version, "wrong": len(wrong)})
    figures: Figures = {"version": version, "uses": len(bases), "fields": len(FIELDS)}
    text = _("目录中 %(fields)d 项信息的每个用途都有依据；现行告知 %(version)s 逐方逐用途记录 %(uses)d 项")
    return _control("G1", title, "enforced", text, moment, figures)


def _minimum(moment: datetime) -> Control:
    title = _("只收集寄递所必需的信息")
    if set(COLUMNS) != {name.value for name in ORDER_FIELDS}:
        return _control("G2", title, "not_yet", _("接收的字段与信息目录不一致"), moment)
    totals = selectors.totals()
    figures = {"fields": len(COLUMNS), "accepted": totals.accepted, "rejected": totals.rejected}
    text = _(
        "只接收 %(fields)d 个字段，多余字段和任何字段中的证件号码一律拒收；已收 %(accepted)d 单，文件中拒收 %(rejected)d 行"
    )
    return _control("G2", title, "enforced", text, moment, figures)


def _public(notices: list[selectors.NoticeView], moment: datetime) -> Control:
    title = _("公开、可读、不可悄悄改动的告知")
    if {view.lang for view in notices} != set(LANGUAGES):
        return _control("G5", title, "not_yet", _("尚未发布中英文告知"), moment)
    version = notices[0].version
    if not all(view.intact for view in notices):
        text = _("告知 %(version)s 的内容与发布时的摘要不符")
        return _control("G5", title, "not_yet", text, moment, {"version": version})
    lacking = [name for view in notices for name in missing_from(view.body)]
    if lacking:
        text = _("告知 %(version)s 缺少 %(lacking)d 项法定内容")
        return _control("G5", title, "not_yet", text, moment, {"version": version, "lacking": len(lacking)})
    text = _("告知 %(version)s 于 %(day)s 发布，中英文齐全，内容与日志条目 %(entry)s 中的摘要一致")
    figures = {
        "version": version,
        "day": notices[0].published_at.date().isoformat(),
        "entry": notices[0].entry_id,
    }
    return _control("G5", title, "proved", text, moment, figures)


def _guided(moment: datetime) -> Control:
    title = _("电子化、有引导的填写")
    totals = selectors.totals()
    text = _("已电子化接收 %(accepted)d 单（%(batches)d 批）；面向寄件人的引导填写页面尚未提供")
    figures = {"accepted": totals.accepted, "batches": totals.batches}
    return _control("L1.1", title, "not_yet", text, moment, figures)


def _consent(notices: list[selectors.NoticeView], moment: datetime) -> Control:
    title = _("告知在先，可选用途另行同意")
    if not notices:
        return _control("L1.2", title, "not_yet", _("尚未发布告知，不接收任何订单"), moment)
    standing, withdrawn = selectors.consent_counts()
    text = _(
        "订单必须写明已发布的告知版本，否则拒收；现行 %(version)s；"
        "可选用途的同意 %(standing)d 项有效、%(withdrawn)d 项已撤回"
    )
    figures: Figures = {"version": notices[0].version, "standing": standing, "withdrawn": withdrawn}
    return _control("L1.2", title, "enforced", text, moment, figures)


def _validated(moment: datetime) -> Control:
    title = _("逐字段校验后才入库")
    totals = selectors.totals()
    text = _(
        "每行逐字段校验；已收 %(accepted)d 单，%(uploads)d 个文件中拒收 %(rejected)d 行，拒收记录只含行号、字段名和原因代码"
    )
    figures = {"accepted": totals.accepted, "uploads": totals.uploads, "rejected": totals.rejected}
    return _control("L1.3", title, "enforced", text, moment, figures)


def _control(  # noqa: PLR0913, PLR0917 -- the members of a control, named at every call by their place
    clause: str,
    title: str,
    state: State,
    evidence: str,
    moment: datetime,
    figures: Figures = _NOTHING,
) -> Control:
    return Control(
        clause=clause,
        area="collection",
        state=state,
        title=title,
        evidence=evidence,
        checked_at=moment,
        figures=figures,
    )
