"""Make a text fit: smaller type first, then more lines, an ellipsis last. Widths come from the font."""

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from midan.label.render.font import ELLIPSIS, UNITS, metrics, printable
from midan.label.render.items import Text

# What never begins a line: closing marks, and 号 after its number. Hidden runs may break anywhere.
_CLOSING: Final = "，。、；：）)】》"
_STUCK: Final = frozenset(_CLOSING + "号弄巷")
_LEADING: Final = 1.22
# Printers round advances to dots; a little air keeps the last character inside.
_SLACK: Final = 0.985


class Line(NamedTuple):
    """A place for one line. `align` is 0 left, 1 centre, 2 right; sizes in dots."""

    x: int
    y: int
    width: int
    size: int
    least: int
    align: int = 0
    heavy: bool = False


class Step(NamedTuple):
    """A type size and how many lines of it the place holds."""

    size: int
    lines: int


class Block(NamedTuple):
    """A place for a few lines, tried from the largest size down."""

    x: int
    top: int
    width: int
    steps: tuple[Step, ...]


def block(*, x: int, top: int, width: int, height: int, sizes: tuple[int, ...]) -> Block:
    """Return the place with the number of lines that each size allows."""
    steps = tuple(
        Step(size, 1 + int((height - size) / (size * _LEADING))) for size in sizes if size <= height
    )
    return Block(x, top, width, steps)


def set_line(place: Line, text: str) -> Text:
    """Return the text on one line, as large as fits."""
    text = printable(text)
    room = int(place.width * UNITS * _SLACK)
    width = metrics().width(text)
    size = place.size
    if width * size > room:
        size = max(place.least, room // width)
        if width * size > room:
            text = cut(text, room // size)
            width = metrics().width(text)
    spare = place.width - width * size // UNITS
    return Text(place.x + spare * place.align // 2, place.y, size, text, place.heavy)


# For texts of the company's own registers, of which a batch knows few; a customer's value is never kept.
set_known_line = lru_cache(maxsize=4096)(set_line)


def set_block(place: Block, text: str) -> list[Text]:
    """Return the text on as many lines as needed, at the largest size that holds it all."""
    text = printable(text)
    widths = metrics().widths
    ends = list(accumulate(map(widths.__getitem__, text)))
    width = ends[-1] if ends else 0
    space = int(place.width * UNITS * _SLACK)
    lines = [text]
    for size, most in place.steps:
        room = space // size
        if width > room * most:
            continue
        lines = [text] if width <= room else _wrap(text, ends, room)
        if len(lines) <= most:
            break
    else:
        size, most = place.steps[-1]
        room = space // size
        lines = _wrap(text, ends, room)
        lines = [*lines[: most - 1], cut("".join(lines[most - 1 :]), room)]
    first = place.top + size * 88 // 100  # Han characters reach 0.88 em above the baseline
    leading = int(size * _LEADING)
    return [Text(place.x, first + row * leading, size, line) for row, line in enumerate(lines)]


def wrap(text: str, room: int) -> list[str]:
    """Return the lines of a printable text, none wider than `room` thousandths of an em."""
    return _wrap(text, list(accumulate(map(metrics().widths.__getitem__, text))), room)


def _wrap(text: str, ends: list[int], room: int) -> list[str]:
    lines, start, before = [], 0, 0
    while start < len(text):
        end = bisect_right(ends, before + room, start)
        if end < len(text):
            end = _break(text, start, max(end, start + 1))
        lines.append(text[start:end])
        start, before = end, ends[end - 1]
    return lines or [text]


def _break(text: str, start: int, end: int) -> int:
    """Return the last place up to `end` where a line may break; numbers and words stay whole if they can."""
    for place in range(end, start, -1):
        left, right = text[place - 1], text[place]
        if right in _STUCK and (right in _CLOSING or left.isdigit()):
            continue
        if not (_is_word(left) and _is_word(right)):
            return place
    return end


def _is_word(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def cut(text: str, room: int) -> str:
    """Return the text shortened to fit, with an ellipsis that says so."""
    widths = metrics().widths
    ends = list(accumulate(map(widths.__getitem__, text)))
    if not ends or ends[-1] <= room:
        return text
    return text[: bisect_right(ends, room - widths[ELLIPSIS])] + ELLIPSIS
