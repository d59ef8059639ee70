"""Leg: masks a second on one core and what they leave visible, beside one regular expression a kind.

Both mask the same labelled lines (`bench.labelled`), so a share told here is known from the making of a line and not
from any parser. The twin is what somebody in a hurry writes: it hides as many characters as it finds, no more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from time import process_time
from typing import Final

from midan.bench.labelled import addresses, texts, typed
from midan.bench.result import Comparison, middle
from midan.core.masking.address import mask_address
from midan.core.masking.idcard import mask_id
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.masking.text import mask_text

Mask = Callable[[str], str]
_UNIT: Final = r"(?:[0-9A-Za-z]+|[一二三四五六七八九十]+)(?:号楼|单元|栋|幢|座|层|楼|室|户|号)"
_QUICK: Final = {
    "address": re.compile(rf"{_UNIT}|[0-9-]+$"),
    "name": re.compile(r"(?<=^.).+"),
    "phone": re.compile(r"[0-9]{7}(?=[0-9]{4})"),
    "id": re.compile(r"(?<=[0-9]{2})[0-9]{14}(?=[0-9][0-9Xx])"),
    "text": re.compile(
        r"1[3-9][0-9]{9}|[0-9]{17}[0-9Xx]|[0-9]{15,19}|[\u4e00-\u9fff][A-Z][0-9A-Z]{5,6}|[\w.-]+@[\w.-]+"
        rf"|(?:微信|QQ)[号:：]*[\w-]+|{_UNIT}|(?<=收件人|联系人)[\u4e00-\u9fff]{{2,3}}",
        re.ASCII,
    ),
}
_SEED: Final = 20_260_101


def compare(rows: int, turns: int) -> list[Comparison]:
    """Return one comparison a kind of mask: speed, with the shares both leave visible in the notes."""
    return [_addresses(rows, turns), *_typed(rows, turns), _texts(rows, turns)]


def _addresses(rows: int, turns: int) -> Comparison:
    generator = addresses.Generator(_SEED)
    made = [generator.make() for _ in range(rows)]

    def shares(mask: Mask) -> dict[str, float]:
        outcomes = [addresses.judge(one, mask(one.text)) for one in made]
        hidden = [addresses.visible_share(one, mask(one.text)) for one in made]
        return {
            "leak_share": _share([found.leaked for found in outcomes]),
            "room_leak_share": _share([found.room_leaked for found in outcomes]),
            "leaked_characters": round(sum(hidden) / len(hidden), 5),
            "kept_share": _share([found.kept for found in outcomes]),
        }

    return _compared(
        "address",
        mask_address,
        [one.text for one in made],
        turns,
        shares,
        goal="≥ 40,000/s; leak ≤ 2 %, room ≤ 0.3 %, kept ≥ 97 %",
    )


def _typed(rows: int, turns: int) -> list[Comparison]:
    kinds: Mapping[str, tuple[Mask, Callable[[Random], texts.Case]]] = {
        "name": (mask_name, typed.name),
        "phone": (mask_phone, typed.phone),
        "id": (mask_id, typed.identity),
    }
    found = []
    for kind, (mask, make) in kinds.items():
        cases = _made(make, rows)

        def shares(tried: Mask, cases: Sequence[texts.Case] = cases) -> dict[str, float]:
            return {"safe_share": _safe(cases, tried)}

        lines = [case.text for case in cases]
        found.append(_compared(kind, mask, lines, turns, shares, goal="safe ≥ 99 %"))
    return found


def _texts(rows: int, turns: int) -> Comparison:
    made = {kind: _made(make, max(1, rows // len(texts.KINDS))) for kind, make in texts.KINDS.items()}

    def shares(mask: Mask) -> dict[str, float]:
        found = {f"found_{kind}": _safe(cases, mask) for kind, cases in made.items()}
        return found | {"harmless_untouched": _share([mask(line) == line for line in texts.HARMLESS])}

    lines = [case.text for cases in made.values() for case in cases]
    goal = "found ≥ 97 %, units ≥ 90 %, names ≥ 85 %; harmless ≥ 90 %"
    return _compared("text", mask_text, lines, turns, shares, goal=goal)


def _compared(  # noqa: PLR0913, PLR0917  # the parts of one comparison
    kind: str,
    mask: Mask,
    lines: Sequence[str],
    turns: int,
    shares: Callable[[Mask], dict[str, float]],
    goal: str,
) -> Comparison:
    def quick(line: str, *, pattern: re.Pattern[str] = _QUICK[kind]) -> str:
        return pattern.sub(lambda match: "*" * len(match[0]), line)

    return Comparison(
        name=f"mask {kind}",
        unit="lines/s",
        ours=round(_rate(mask, lines, turns)),
        twin=round(_rate(quick, lines, turns)),
        twin_is="one regular expression over the same lines",
        goal=goal,
        notes=shares(mask) | {f"twin_{name}": share for name, share in shares(quick).items()},
    )


def _made(make: Callable[[Random], texts.Case], rows: int) -> list[texts.Case]:
    random = Random(_SEED)  # noqa: S311  # invented people
    return [make(random) for _ in range(rows)]


def _safe(cases: Sequence[texts.Case], mask: Mask) -> float:
    return _share([case.is_safe(mask(case.text)) for case in cases])


def _share(answers: Sequence[bool]) -> float:
    return round(sum(answers) / len(answers), 5)


def _rate(mask: Mask, lines: Sequence[str], turns: int) -> float:
    """Return lines a second of processor time: other work on the machine does not count."""
    mask(lines[0])
    rates = []
    for _ in range(turns):
        began = process_time()
        for line in lines:
            mask(line)
        rates.append(len(lines) / max(process_time() - began, 1e-9))
    return middle(rates)
