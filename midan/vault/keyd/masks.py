"""The masked form of each part's fields: the same masks everywhere, made before anything leaves keyd."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from midan.core.masking.address import mask_address
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.masking.text import mask_text
from midan.core.parts import PartCode

_TAIL: Final = 4


def mask_reference(text: str) -> str:
    """Return an order reference with at most its last four characters shown, and never more than half."""
    shown = min(_TAIL, len(text) // 2)
    return "*" * (len(text) - shown) + text[len(text) - shown :]


_CONTACT: Final = (mask_name, mask_phone, mask_address)
_MASKS: Final[Mapping[int, tuple[Callable[[str], str], ...]]] = {
    PartCode.SENDER: _CONTACT,
    PartCode.RECIPIENT: _CONTACT,
    PartCode.GOODS: (mask_text, mask_text, mask_reference),
}


def mask_all(parts: Sequence[int], opened: Sequence[Sequence[str] | None]) -> list[tuple[str, ...] | None]:
    """Return the masked fields of each opened part, None for an erased one."""
    known: dict[tuple[int, str], str] = {}
    return [
        None if fields is None else mask_fields(part, fields, known)
        for part, fields in zip(parts, opened, strict=True)
    ]


def mask_fields(part: int, fields: Sequence[str], known: dict[tuple[int, str], str]) -> tuple[str, ...]:
    """Return the masked fields; one without a mask of its own is hidden whole.

    `known` remembers masks for the length of one call: a merchant's address stands on every order of a page.
    """
    masks = _MASKS.get(part, ())
    masked: list[str] = []
    for place, text in enumerate(fields):
        mask = masks[place] if place < len(masks) else _hide
        key = (id(mask), text)
        shown = known.get(key)
        if shown is None:
            shown = known[key] = mask(text)
        masked.append(shown)
    return tuple(masked)


def _hide(text: str) -> str:
    return "*" * len(text)
