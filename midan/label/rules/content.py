"""What may stand on a label, and in which shape.

GB/T 41833-2022 as quoted by the press (the standard's own text was not at hand): at least one Han character of a
name hidden, at least six digits of a telephone number, building, unit and room of an address. Express regulation,
article on waybills: no identity data but name, address and phone. Stricter here: masks are `core.masking`'s and must
not change when applied again; goods names, remarks and order references have no place on a label at all.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final, NewType

from midan.catalog.rules import FIELDS as CATALOGUE
from midan.catalog.rules import Surface
from midan.core.fields.folding import fold
from midan.core.labeltoken import LENGTH as TOKEN_LENGTH
from midan.core.masking.address import mask_address
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.number import is_well_formed
from midan.label.errors import ForbiddenOnLabel

TOKEN_PATH: Final = "/L/"  # noqa: S105 -- a path, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelModel:
    """All that a label says. Names, phones and addresses are masked values; `payload` is the QR code's text."""

    number: str
    payload: str
    sorting_code: str
    destination: str
    recipient_name: str
    recipient_phone: str
    recipient_address: str
    sender_name: str
    sender_phone: str
    sender_address: str
    goods_kind: str
    quantity: int
    weight_g: int
    printed_on: str
    copy_no: int
    company: str


# Only `check` makes one, and renderers take nothing else.
CheckedLabel = NewType("CheckedLabel", LabelModel)

FIELDS: Final = frozenset(field.name for field in fields(LabelModel))
# The catalogue says what a label shows: what it shows masked is judged here, what lies sealed beside it never stands here.
MASKED: Final = tuple(name for name, entry in CATALOGUE.items() if entry.shown.get(Surface.LABEL) == "masked")
_CALLED: Final = {"order_ref": "order_reference", "id_number": "identity_number"}
NEVER: Final[Mapping[str, str]] = {
    name: _CALLED.get(name, name)
    for name, entry in CATALOGUE.items()
    if entry.part is not None and Surface.LABEL not in entry.shown
}
_SORTING: Final = re.compile(r"[0-9A-Z]{1,8}-[0-9A-Z]{1,8}-[0-9A-Z]{1,8}", re.ASCII)
_DAY: Final = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", re.ASCII)
_PAYLOAD: Final = re.compile(
    rf"HTTPS?://[0-9A-Z.\-]+(?::[0-9]{{1,5}})?(?:/[0-9A-Z.\-]+)*/L/[A-Z2-7]{{{TOKEN_LENGTH}}}", re.ASCII
)
# An identity number of 18 or 15 places, digits or hidden, however it is grouped; a masked one is one too.
_ID_18: Final = re.compile(r"(?<![0-9*])(?:[0-9][ \-.·]?){17}[0-9Xx](?![0-9])")
_ID_15: Final = re.compile(r"(?<![0-9*])(?:[0-9][ \-.·]?){14}[0-9](?![0-9])")
_ID_MASKED: Final = re.compile(r"(?<![0-9*])[0-9]{2}(?:\*{11}[0-9]{2}|\*{14}[0-9][0-9Xx])(?![0-9*])")
_PHONE_SHAPE: Final = re.compile(r"(?:[0-9][ \-.·]?){7}")
# What the masks make of most names and phones, and texts with too few digits for any number of a person: these need no
# second look, which would cost ten times as much.
_HIDDEN_NAME: Final = re.compile(r"[\u4e00-\u9fff]\*{1,3}")
_HIDDEN_PHONE: Final = re.compile(r"\*{7}[0-9]{4}", re.ASCII)
_FEW_DIGITS: Final = re.compile(r"[\u4e00-\u9fff*]*(?:[0-9]{1,3}[\u4e00-\u9fff*]*)?")
_LEAST_HIDDEN: Final = 6
_MOST_SHOWN: Final = 4
_KIND_LONGEST: Final = 12
_REGISTER_LONGEST: Final = 60
_WEIGHT_MOST: Final = 10_000_000
_QUANTITY_MOST: Final = 100_000


def build(values: Mapping[str, object]) -> LabelModel:
    """Return the model of exactly the known fields; ForbiddenOnLabel for one too many, KeyError for one missing."""
    for name in values:
        if name in NEVER:
            raise ForbiddenOnLabel(field=name, reason=NEVER[name])
        if name not in FIELDS:
            raise ForbiddenOnLabel(field="label", reason="unknown_field")
    return LabelModel(**{name: values[name] for name in FIELDS})  # type: ignore[arg-type]  # `check` types them


def check(model: LabelModel) -> CheckedLabel:
    """Return the model as printable, or raise ForbiddenOnLabel naming the first field that may not be printed."""
    return check_all([model])[0]


def check_all(models: Sequence[LabelModel]) -> list[CheckedLabel]:
    """Check a batch; the refusal names the waybill whose label stops all, unless its number is what is wrong.

    A value judged once in it is not judged again: shops send a thousand parcels a day.
    """
    judged: dict[tuple[str, str], str] = {}
    return [_check(model, judged) for model in models]


def _check(model: LabelModel, judged: dict[tuple[str, str], str]) -> CheckedLabel:
    if type(model) is not LabelModel:
        raise ForbiddenOnLabel(field="label", reason="unknown_field")
    if not is_well_formed(model.number):
        raise ForbiddenOnLabel(field="number", reason="not_a_waybill_number")
    try:
        return _check_content(model, judged)
    except ForbiddenOnLabel as fault:
        raise ForbiddenOnLabel(field=fault.field, reason=fault.reason, waybill=model.number) from None


def _check_content(model: LabelModel, judged: dict[tuple[str, str], str]) -> CheckedLabel:
    _check_clear(model)
    for field in MASKED:
        kind, value = field.rpartition("_")[2], getattr(model, field)
        reason = judged.get((kind, value))
        if reason is None:
            reason = judged[kind, value] = _JUDGES[kind](value)
        _raise(field, reason)
    return CheckedLabel(model)


def _check_clear(model: LabelModel) -> None:
    """Judge what stands in clear on every label beside its number."""
    if not _PAYLOAD.fullmatch(model.payload):
        raise ForbiddenOnLabel(field="payload", reason="more_than_a_token")
    if not _SORTING.fullmatch(model.sorting_code):
        raise ForbiddenOnLabel(field="sorting_code", reason="not_a_sorting_code")
    if not _DAY.fullmatch(model.printed_on):
        raise ForbiddenOnLabel(field="printed_on", reason="not_a_day")
    _check_counts(model)
    _raise("destination", _wrong_register(model.destination, _REGISTER_LONGEST))
    _raise("company", _wrong_register(model.company, _REGISTER_LONGEST))
    _raise("goods_kind", _wrong_register(model.goods_kind, _KIND_LONGEST))


def _raise(field: str, reason: str) -> None:
    if reason:
        raise ForbiddenOnLabel(field=field, reason=reason)


def _check_counts(model: LabelModel) -> None:
    for field, most in (
        ("quantity", _QUANTITY_MOST),
        ("weight_g", _WEIGHT_MOST),
        ("copy_no", _QUANTITY_MOST),
    ):
        value = getattr(model, field)
        if type(value) is not int or not 0 <= value <= most:
            raise ForbiddenOnLabel(field=field, reason="not_a_count")


@lru_cache(maxsize=4096)
def _wrong_register(text: str, longest: int) -> str:
    """Judge a text of the company's own registers: short, and without anything a number of a person fits in."""
    if len(text) > longest:
        return "too_long"
    plain = fold(text)
    if _is_identity(plain):
        return "identity_number"
    return "phone_in_text" if _PHONE_SHAPE.search(plain) else ""


def _wrong_name(text: str) -> str:
    if _HIDDEN_NAME.fullmatch(text):
        return ""
    if not text or mask_name(text) != text or "*" not in text:
        return "name_not_hidden"
    return _wrong_text(text)


def _wrong_phone(text: str) -> str:
    if _HIDDEN_PHONE.fullmatch(text):
        return ""
    plain = fold(text)
    if plain.count("*") < _LEAST_HIDDEN or sum(map(str.isdecimal, plain)) > _MOST_SHOWN:
        return "phone_not_hidden"
    if mask_phone(text) != text:
        return "phone_not_hidden"
    return "identity_number" if _is_identity(plain) else ""


def _wrong_address(text: str) -> str:
    if not text:
        return "empty"
    if mask_address(text) != text:
        return "unit_visible"
    return _wrong_text(text)


def _wrong_text(text: str) -> str:
    if _FEW_DIGITS.fullmatch(text):
        return ""
    plain = fold(text)
    if _is_identity(plain):
        return "identity_number"
    return "phone_in_text" if _PHONE_SHAPE.search(plain) else ""


def _is_identity(plain: str) -> bool:
    if len(plain) < 15:  # the shorter of the two numbers
        return False
    return any(shape.search(plain) for shape in (_ID_18, _ID_15, _ID_MASKED))


_JUDGES: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _wrong_name,
    "phone": _wrong_phone,
    "address": _wrong_address,
}


def weight_text(weight_g: int) -> str:
    """Return the weight in kilograms as a label states it."""
    return f"{weight_g / 1000:.2f} kg"


def payload_of(base_url: str, token: str) -> str:
    """Return the QR code's text, upper case so that alphanumeric mode holds it in fewer modules."""
    return f"{base_url.upper()}{TOKEN_PATH}{token}"
