"""The data catalogue: every field of an order row, the identity number, what is derived (clause D1).

Level 1 may be read by anybody who works here, 2 by those whose task needs it, 3 points at a person, 4 harms
a person when it leaks. `part` is the sealed part a field lies in; None means it stands in clear, which only
what points at nobody may do. `shown` says where a field may appear and in which form; a surface not named
does not get it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from django.utils.translation.trans_null import gettext_noop as _

from midan.catalog.rules.purposes import PURPOSES, LegalBasis, Purpose
from midan.core.parts import PartCode


class FieldName(StrEnum):
    """The fields of an order row, in the order of the contract, and the identity number kept apart."""

    ORDER_REF = "order_ref"
    SENDER_NAME = "sender_name"
    SENDER_PHONE = "sender_phone"
    SENDER_ADDRESS = "sender_address"
    RECIPIENT_NAME = "recipient_name"
    RECIPIENT_PHONE = "recipient_phone"
    RECIPIENT_ADDRESS = "recipient_address"
    GOODS_NAME = "goods_name"
    GOODS_KIND = "goods_kind"
    QUANTITY = "quantity"
    WEIGHT_G = "weight_g"
    REMARK = "remark"
    NOTICE_VERSION = "notice_version"
    ID_NUMBER = "id_number"


class DerivedName(StrEnum):
    """What the service makes out of an order."""

    WAYBILL_NUMBER = "waybill_number"
    STATUS = "status"
    TRACK = "track"
    ROUTING = "routing"
    PARTY_TOKEN = "party_token"  # noqa: S105 -- the name of a catalogue entry, not a secret
    SEARCH_DIGEST = "search_digest"
    REFERENCE_DIGEST = "reference_digest"
    CONSENT = "consent"
    ACCESS_LOG = "access_log"


class Surface(StrEnum):
    """Where information may appear."""

    LABEL = "label"
    COURIER = "courier_page"
    CONSOLE = "console"
    TRACKING = "tracking"
    API = "api"
    REVEAL = "reveal"
    RIGHTS = "rights_copy"
    EXTRACT = "extract"


Category = Literal["identity", "address", "order", "derived"]
Form = Literal["full", "masked", "coarse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueField:
    """One kind of information. `owner` is the role that answers for it; `title` is a message id."""

    name: FieldName | DerivedName
    title: str
    category: Category
    level: int
    owner: str
    part: PartCode | None
    purposes: frozenset[Purpose]
    retention: str
    shown: Mapping[Surface, Form]

    @property
    def basis(self) -> Mapping[Purpose, LegalBasis]:
        """Return the legal basis of each purpose the field may serve."""
        return MappingProxyType({purpose: PURPOSES[purpose].basis for purpose in self.purposes})


_P = Purpose
_SERVICE: Final = frozenset(
    {_P.CUSTOMER_SERVICE, _P.COMPLAINT, _P.CLAIM, _P.LAWFUL_DISCLOSURE, _P.SECURITY_REVIEW, _P.RIGHTS_REQUEST}
)
_OPTIONAL: Final = frozenset({_P.SURVEY, _P.MARKETING})
_SENDER: Final = _SERVICE | {_P.PICK_UP, _P.CONTACT, _P.LABEL, _P.REAL_NAME}
_RECIPIENT: Final = _SERVICE | {_P.DELIVER, _P.CONTACT, _P.LABEL}

_MASKED: Final[Mapping[Surface, Form]] = MappingProxyType(
    {
        Surface.LABEL: "masked",
        Surface.COURIER: "masked",
        Surface.CONSOLE: "masked",
        Surface.API: "masked",
        Surface.REVEAL: "full",
        Surface.RIGHTS: "full",
    }
)
_OPEN: Final[Mapping[Surface, Form]] = MappingProxyType(
    {
        Surface.LABEL: "full",
        Surface.COURIER: "full",
        Surface.CONSOLE: "full",
        Surface.API: "full",
        Surface.RIGHTS: "full",
        Surface.EXTRACT: "full",
    }
)
_INSIDE: Final[Mapping[Surface, Form]] = MappingProxyType({Surface.CONSOLE: "full"})
_NOWHERE: Final[Mapping[Surface, Form]] = MappingProxyType({})


def _person(name: FieldName, title: str, category: Category, part: PartCode) -> CatalogueField:
    purposes = _SENDER if part is PartCode.SENDER else _RECIPIENT
    shown: dict[Surface, Form] = dict(_MASKED)
    if category == "address":
        # An extract may carry the district, never the address.
        shown[Surface.EXTRACT] = "coarse"
        purposes = purposes | {_P.SORT, _P.ANALYTICS}
    return CatalogueField(
        name=name,
        title=title,
        category=category,
        level=3,
        owner="branch_manager",
        part=part,
        purposes=purposes | _OPTIONAL,
        retention="standard",
        shown=MappingProxyType(shown),
    )


def _goods(name: FieldName, title: str) -> CatalogueField:
    return CatalogueField(
        name=name,
        title=title,
        category="order",
        level=2,
        owner="branch_manager",
        part=PartCode.GOODS,
        purposes=_SERVICE | {_P.DELIVER, _P.PICK_UP},
        retention="standard",
        shown=MappingProxyType({s: form for s, form in _MASKED.items() if s is not Surface.LABEL}),
    )


def _clear(name: FieldName | DerivedName, title: str, *, derived: bool = False) -> CatalogueField:
    return CatalogueField(
        name=name,
        title=title,
        category="derived" if derived else "order",
        level=1,
        owner="branch_manager",
        part=None,
        purposes=_SERVICE | {_P.PICK_UP, _P.DELIVER, _P.SORT, _P.LABEL, _P.TRACKING, _P.ANALYTICS},
        retention="tracking",
        shown=_OPEN,
    )


def _inside(
    name: DerivedName, title: str, *, level: int, retention: str, shown: Mapping[Surface, Form]
) -> CatalogueField:
    return CatalogueField(
        name=name,
        title=title,
        category="derived",
        level=level,
        owner="privacy_officer",
        part=None,
        purposes=frozenset({_P.SECURITY_REVIEW, _P.RIGHTS_REQUEST, _P.COMPLAINT, _P.CUSTOMER_SERVICE}),
        retention=retention,
        shown=shown,
    )


# The express regulation forbids identity data other than name, address and phone on a waybill: an identity
# number is shown nowhere but to who checks it or asks for a copy, and lives in a part and epoch family apart.
_IDENTITY: Final = CatalogueField(
    name=FieldName.ID_NUMBER,
    title=_("证件号码"),
    category="identity",
    level=4,
    owner="privacy_officer",
    part=PartCode.IDENTITY,
    purposes=frozenset({_P.REAL_NAME, _P.LAWFUL_DISCLOSURE, _P.RIGHTS_REQUEST}),
    retention="real_name",
    shown=MappingProxyType({Surface.RIGHTS: "full", Surface.REVEAL: "full"}),
)

_STATUS: Final = _clear(DerivedName.STATUS, _("运单状态"), derived=True)
_TRACK: Final = _clear(DerivedName.TRACK, _("物流轨迹（时间与网点）"), derived=True)
_NUMBER: Final = _clear(DerivedName.WAYBILL_NUMBER, _("运单号"), derived=True)
_TRACKED: Final[Mapping[Surface, Form]] = MappingProxyType({**_OPEN, Surface.TRACKING: "full"})

_ALL: Final = (
    _goods(FieldName.ORDER_REF, _("订单参考号")),
    _person(FieldName.SENDER_NAME, _("寄件人姓名"), "identity", PartCode.SENDER),
    _person(FieldName.SENDER_PHONE, _("寄件人电话"), "identity", PartCode.SENDER),
    _person(FieldName.SENDER_ADDRESS, _("寄件人地址"), "address", PartCode.SENDER),
    _person(FieldName.RECIPIENT_NAME, _("收件人姓名"), "identity", PartCode.RECIPIENT),
    _person(FieldName.RECIPIENT_PHONE, _("收件人电话"), "identity", PartCode.RECIPIENT),
    _person(FieldName.RECIPIENT_ADDRESS, _("收件人地址"), "address", PartCode.RECIPIENT),
    _goods(FieldName.GOODS_NAME, _("物品名称")),
    _clear(FieldName.GOODS_KIND, _("物品性质")),
    _clear(FieldName.QUANTITY, _("件数")),
    _clear(FieldName.WEIGHT_G, _("重量（克）")),
    _goods(FieldName.REMARK, _("备注")),
    _clear(FieldName.NOTICE_VERSION, _("告知版本")),
    _IDENTITY,
    replace(_NUMBER, shown=MappingProxyType({k: v for k, v in _TRACKED.items() if k is not Surface.EXTRACT})),
    replace(_STATUS, shown=_TRACKED),
    replace(_TRACK, level=2, shown=_TRACKED),
    _clear(DerivedName.ROUTING, _("区划代码与分拣码"), derived=True),
    _inside(DerivedName.PARTY_TOKEN, _("随机客户标记"), level=2, retention="tracking", shown=_INSIDE),
    _inside(DerivedName.SEARCH_DIGEST, _("检索摘要"), level=3, retention="standard", shown=_NOWHERE),
    _inside(DerivedName.REFERENCE_DIGEST, _("订单参考号摘要"), level=2, retention="tracking", shown=_NOWHERE),
    _inside(DerivedName.CONSENT, _("同意与撤回记录"), level=2, retention="evidence", shown=_INSIDE),
    _inside(DerivedName.ACCESS_LOG, _("访问日志"), level=2, retention="evidence", shown=_INSIDE),
)

FIELDS: Final[Mapping[str, CatalogueField]] = MappingProxyType({field.name: field for field in _ALL})

# Exactly what an order row carries: more is refused, less is incomplete (express regulation, article on real
# names: name, address and phone of both; name, nature and quantity of the goods).
ORDER_FIELDS: Final = tuple(name for name in FieldName if name is not FieldName.ID_NUMBER)
PERSONAL_FIELDS: Final = tuple(
    name for name in ORDER_FIELDS if FIELDS[name].part in (PartCode.SENDER, PartCode.RECIPIENT)
)


def serves(field: str, purpose: str) -> bool:
    """Return whether the catalogue lets a field serve a purpose; what it does not know serves nothing."""
    known = FIELDS.get(field)
    return known is not None and purpose in known.purposes
