"""One order row: exactly the contract's fields, each checked and brought to its one form (clauses G2, L1.3).

Pure and quick (measured in docs; bound by a test): it runs in worker processes that know neither Django nor
the database. A refusal names fields and codes, never a value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from midan.catalog.rules import ORDER_FIELDS
from midan.collection.rules.goods import kind_of
from midan.collection.rules.text import (
    Refused,
    RejectCode,
    plain_text,
    refuse_formula,
    refuse_identity,
    whole_number,
)
from midan.core.fields.address import normalise_address
from midan.core.fields.divisions import all_districts, towns_of
from midan.core.fields.errors import InvalidField
from midan.core.fields.name import normalise_name
from midan.core.fields.phone import normalise_phone

COLUMNS: Final = tuple(name.value for name in ORDER_FIELDS)
_COLUMNS: Final = frozenset(COLUMNS)
_SAFE_NAME: Final = re.compile(r"[a-z][a-z_]{0,31}")
_NAME, _PHONE, _ADDRESS, _WORD = 80, 40, 300, 32
# How long each text may be, in characters as sent, and how large each number: the API's page is made from these.
LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "order_ref": 64,
        "sender_name": _NAME,
        "sender_phone": _PHONE,
        "sender_address": _ADDRESS,
        "recipient_name": _NAME,
        "recipient_phone": _PHONE,
        "recipient_address": _ADDRESS,
        "goods_name": 100,
        "goods_kind": _WORD,
        "remark": 200,
        "notice_version": _WORD,
    }
)
MOST: Final[Mapping[str, int]] = MappingProxyType({"quantity": 9_999, "weight_g": 50_000_000})
MAY_BE_EMPTY: Final = frozenset({"remark"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Why a row is refused: the field's name (or '' for the whole row) and a stable code."""

    field: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A normalised address and the division it lies in; repr shows nothing."""

    text: str
    district_code: str

    @property
    def town(self) -> str:
        """Return the town or street office the address names, or ''."""
        for name in towns_of(self.district_code):
            if name in self.text:
                return name
        return ""

    def __repr__(self) -> str:
        return "<place ••••>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A row that passed, every value in its one form; repr shows nothing."""

    order_ref: str
    sender_name: str
    sender_phone: str
    sender_address: Place
    recipient_name: str
    recipient_phone: str
    recipient_address: Place
    goods_name: str
    goods_kind: str
    quantity: int
    weight_g: int
    remark: str
    notice_version: str

    def __repr__(self) -> str:
        return "<order ••••>"

    def canonical(self) -> bytes:
        """Return the bytes that two submissions of the same order share: every field, length before text."""
        return _canonical(self)


def check_row(raw: Mapping[str, object], *, notices: frozenset[str]) -> Order | tuple[Reject, ...]:
    """Return the order, or every reason why the row is refused, in the order of the contract's fields."""
    if raw.keys() != _COLUMNS:
        return _shape_rejects(raw)
    values: dict[str, object] = {}
    rejects: list[Reject] = []
    for name, check in _CHECKS:
        try:
            values[name] = check(raw[name])
        except Refused as refusal:
            rejects.append(Reject(field=name, code=refusal.code))
        except InvalidField as refusal:
            rejects.append(Reject(field=name, code=refusal.reason))
    if "notice_version" in values and values["notice_version"] not in notices:
        rejects.append(Reject(field="notice_version", code=RejectCode.UNKNOWN_NOTICE))
    if rejects:
        return tuple(rejects)
    return Order(**values)  # type: ignore[arg-type]  # _CHECKS gives each field the type its check returns


def _shape_rejects(raw: Mapping[str, object]) -> tuple[Reject, ...]:
    # A stranger's field name may itself hold somebody's data: only a plain word is repeated.
    unknown = sorted({name if _SAFE_NAME.fullmatch(str(name)) else "?" for name in raw.keys() - _COLUMNS})
    missing = [name for name in COLUMNS if name not in raw]
    return (
        *(Reject(field=name, code=RejectCode.UNKNOWN_FIELD) for name in unknown),
        *(Reject(field=name, code=RejectCode.MISSING_FIELD) for name in missing),
    )


def _name(value: object) -> str:
    text = plain_text(value, limit=_NAME)
    refuse_formula(text)
    refuse_identity(text)
    return normalise_name(text).text


def _phone(value: object) -> str:
    text = plain_text(value, limit=_PHONE)
    refuse_formula(text, phone=True)
    refuse_identity(text)
    return normalise_phone(text).text


def _address(value: object) -> Place:
    text = plain_text(value, limit=_ADDRESS)
    refuse_formula(text)
    refuse_identity(text)
    address = normalise_address(text)
    code = address.code or _city_code(address.province, address.city)
    return Place(text=address.text, district_code=code)


@cache
def _city_code(province: str, city: str) -> str:
    """Return the code of a city whose district is not known: four digits and 00."""
    found = (d.code for d in all_districts() if d.province == province and city in ("", d.city))
    return next((code[:4] + "00" if city else code[:2] + "0000" for code in found), "")


def _order_ref(value: object) -> str:
    text = plain_text(value, limit=LONGEST["order_ref"])
    refuse_formula(text)
    refuse_identity(text, strict=True)
    return text


def _goods_name(value: object) -> str:
    text = plain_text(value, limit=LONGEST["goods_name"])
    refuse_formula(text)
    refuse_identity(text)
    return text


def _remark(value: object) -> str:
    text = plain_text(value, limit=LONGEST["remark"], empty=True)
    refuse_formula(text)
    refuse_identity(text)
    return text


def _goods_kind(value: object) -> str:
    text = plain_text(value, limit=_WORD)
    refuse_formula(text)
    refuse_identity(text)
    return kind_of(text)


def _notice_version(value: object) -> str:
    return plain_text(value, limit=_WORD)


_CHECKS: Final[tuple[tuple[str, Callable[[object], object]], ...]] = (
    ("order_ref", _order_ref),
    ("sender_name", _name),
    ("sender_phone", _phone),
    ("sender_address", _address),
    ("recipient_name", _name),
    ("recipient_phone", _phone),
    ("recipient_address", _address),
    ("goods_name", _goods_name),
    ("goods_kind", _goods_kind),
    ("quantity", lambda value: whole_number(value, most=MOST["quantity"])),
    ("weight_g", lambda value: whole_number(value, most=MOST["weight_g"])),
    ("remark", _remark),
    ("notice_version", _notice_version),
)


def _canonical(order: Order) -> bytes:
    texts = (
        order.order_ref,
        order.sender_name,
        order.sender_phone,
        order.sender_address.text,
        order.recipient_name,
        order.recipient_phone,
        order.recipient_address.text,
        order.goods_name,
        order.goods_kind,
        str(order.quantity),
        str(order.weight_g),
        order.remark,
        order.notice_version,
    )
    encoded = [text.encode() for text in texts]
    return b"\x01" + b"".join(len(piece).to_bytes(2, "big") + piece for piece in encoded)
