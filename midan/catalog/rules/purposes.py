"""What customer information may be used for, on which legal basis, and the reasons a person may give.

Basis: PIPL article 13 (text read in full). What the delivery contract or a legal duty needs asks for no
consent; everything else does, can be refused without losing the service (article 16), and is taken back as
easily as given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.translation.trans_null import gettext_noop as _


class LegalBasis(StrEnum):
    """The seven bases of PIPL article 13, in its order."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal_duty"
    EMERGENCY = "emergency"
    PUBLIC_REPORTING = "public_reporting"
    ALREADY_PUBLIC = "already_public"
    OTHER_LAW = "other_law"


class Purpose(StrEnum):
    """Why somebody handles customer information. A use without one of these does not happen."""

    PICK_UP = "pick_up"
    DELIVER = "deliver"
    CONTACT = "contact"
    LABEL = "label"
    SORT = "sort"
    TRACKING = "tracking"
    CUSTOMER_SERVICE = "customer_service"
    COMPLAINT = "complaint"
    CLAIM = "claim"
    REAL_NAME = "real_name"
    LAWFUL_DISCLOSURE = "lawful_disclosure"
    SECURITY_REVIEW = "security_review"
    RIGHTS_REQUEST = "rights_request"
    SURVEY = "survey"
    ANALYTICS = "analytics"
    MARKETING = "marketing"


class ReasonCode(StrEnum):
    """Why this one piece of information, now. Stable: the codes stand in the log for ever."""

    PICKUP_ADDRESS_UNCLEAR = "pickup_address_unclear"
    PICKUP_APPOINTMENT = "pickup_appointment"
    ADDRESS_UNCLEAR = "address_unclear"
    DOOR_DELIVERY = "door_delivery"
    REDELIVERY = "redelivery"
    COUNTER_HAND_OVER = "counter_hand_over"
    NO_ANSWER = "no_answer"
    APPOINTMENT = "appointment"
    FIRST_PRINT = "first_print"
    LABEL_DAMAGED = "label_damaged"
    WRONG_DESTINATION = "wrong_destination"
    MACHINE_REQUEST = "machine_request"
    CUSTOMER_ASKED = "customer_asked"
    ADDRESS_CHANGE = "address_change"
    DELIVERY_PROBLEM = "delivery_problem"
    COMPLAINT_HANDLING = "complaint_handling"
    AUTHORITY_APPEAL = "authority_appeal"
    LOSS = "loss"
    DAMAGE = "damage"
    DELAY = "delay"
    IDENTITY_CHECK = "identity_check"
    COURT_OR_POLICE = "court_or_police"
    POSTAL_AUTHORITY = "postal_authority"
    UNKNOWN_PARCEL = "unknown_parcel"
    INCIDENT = "incident"
    LEAK_TRACING = "leak_tracing"
    SPOT_CHECK = "spot_check"
    COPY_REQUESTED = "copy_requested"
    CORRECTION_REQUESTED = "correction_requested"
    DELETION_REQUESTED = "deletion_requested"
    SERVICE_SURVEY = "service_survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRule:
    """`title` is a message id. `reasons` is empty where no person ever reads plaintext for the purpose."""

    purpose: Purpose
    title: str
    basis: LegalBasis
    source: str
    reasons: frozenset[ReasonCode]

    @property
    def optional(self) -> bool:
        """Return whether the customer may refuse it and is still served."""
        return self.basis is LegalBasis.CONSENT


_CONTRACT = (LegalBasis.CONTRACT, _("个人信息保护法第十三条第一款第（二）项：履行寄递服务合同所必需"))
_DUTY = (LegalBasis.LEGAL_DUTY, _("个人信息保护法第十三条第一款第（三）项：履行法定职责或者法定义务所必需"))
_CONSENT = (LegalBasis.CONSENT, _("个人信息保护法第十三条第一款第（一）项：取得个人同意"))

_R = ReasonCode
_RULES: Final[tuple[tuple[Purpose, str, tuple[LegalBasis, str], set[ReasonCode]], ...]] = (
    (Purpose.PICK_UP, _("上门取件"), _CONTRACT, {_R.PICKUP_ADDRESS_UNCLEAR, _R.PICKUP_APPOINTMENT}),
    (
        Purpose.DELIVER,
        _("派送"),
        _CONTRACT,
        {_R.ADDRESS_UNCLEAR, _R.DOOR_DELIVERY, _R.REDELIVERY, _R.COUNTER_HAND_OVER},
    ),
    (Purpose.CONTACT, _("联系客户"), _CONTRACT, {_R.NO_ANSWER, _R.APPOINTMENT, _R.ADDRESS_UNCLEAR}),
    (
        Purpose.LABEL,
        _("打印隐私面单"),
        _CONTRACT,
        {_R.FIRST_PRINT, _R.LABEL_DAMAGED, _R.WRONG_DESTINATION, _R.MACHINE_REQUEST},
    ),
    (Purpose.SORT, _("分拣运输"), _CONTRACT, set()),
    (Purpose.TRACKING, _("物流查询"), _CONTRACT, set()),
    (
        Purpose.CUSTOMER_SERVICE,
        _("客服处理"),
        _CONTRACT,
        {_R.CUSTOMER_ASKED, _R.ADDRESS_CHANGE, _R.DELIVERY_PROBLEM},
    ),
    (Purpose.COMPLAINT, _("投诉申诉处理"), _DUTY, {_R.COMPLAINT_HANDLING, _R.AUTHORITY_APPEAL}),
    (Purpose.CLAIM, _("理赔"), _CONTRACT, {_R.LOSS, _R.DAMAGE, _R.DELAY}),
    (Purpose.REAL_NAME, _("实名收寄查验"), _DUTY, {_R.IDENTITY_CHECK}),
    (
        Purpose.LAWFUL_DISCLOSURE,
        _("依法提供"),
        _DUTY,
        {_R.COURT_OR_POLICE, _R.POSTAL_AUTHORITY, _R.UNKNOWN_PARCEL},
    ),
    (Purpose.SECURITY_REVIEW, _("安全核查"), _DUTY, {_R.INCIDENT, _R.LEAK_TRACING, _R.SPOT_CHECK}),
    (
        Purpose.RIGHTS_REQUEST,
        _("办理客户权利请求"),
        _DUTY,
        {_R.COPY_REQUESTED, _R.CORRECTION_REQUESTED, _R.DELETION_REQUESTED},
    ),
    (Purpose.SURVEY, _("服务回访"), _CONSENT, {_R.SERVICE_SURVEY}),
    (Purpose.ANALYTICS, _("数据分析（去标识化后）"), _CONSENT, set()),
    (Purpose.MARKETING, _("营销推送"), _CONSENT, set()),
)

PURPOSES: Final[Mapping[Purpose, PurposeRule]] = MappingProxyType(
    {
        purpose: PurposeRule(
            purpose=purpose, title=title, basis=basis[0], source=basis[1], reasons=frozenset(reasons)
        )
        for purpose, title, basis, reasons in _RULES
    }
)


def is_reason_for(reason: str, purpose: str) -> bool:
    """Return whether the reason code belongs to the purpose; unknown words belong to nothing."""
    known = {rule.purpose.value: rule.reasons for rule in PURPOSES.values()}
    return reason in known.get(purpose, frozenset())
