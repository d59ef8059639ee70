"""The zones of GB/T 41833 as drawing steps: each takes its box in millimetres and leaves places in printer dots."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from midan.label.render import symbols
from midan.label.render.fitting import Block, Line, block, set_block, set_line
from midan.label.render.items import Bar, Item

CENTRE: Final = 1
RIGHT: Final = 2
RULE: Final = 0.25
_MM: Final = 25.4
_CAP: Final = 0.733  # height of a digit in this font, in ems
_HAN_TOP: Final = 0.88  # how far a Han character reaches above the baseline
_MARK: Final = 7.0  # the column that says who: 收 or 寄
_ANY_WIDTH: Final = 1_000.0
_MOST_MODULE: Final = 10  # the largest magnification ^BQ takes


class Box(NamedTuple):
    """A rectangle of the paper in millimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def inner(self, left: float) -> "Box":
        return Box(self.x + left, self.y, self.width - left, self.height)


class Type(NamedTuple):
    """A type size in millimetres, the least it may shrink to, and how the line stands."""

    size: float
    least: float
    align: int = 0
    heavy: bool = False
    white: bool = False


class CodePlace(NamedTuple):
    x: int
    y: int
    module: int
    height: int


class QrPlace(NamedTuple):
    x: int
    y: int
    module: int


@dataclass(slots=True)
class Sheet:
    """Collects the places of one label; all that happens here happens once a size and resolution."""

    dpi: int
    qr_modules: int
    fixed: list[Item] = field(default_factory=list)
    lines: list[tuple[str, Line]] = field(default_factory=list)
    blocks: list[tuple[str, Block]] = field(default_factory=list)
    codes: list[CodePlace] = field(default_factory=list)
    squares: list[QrPlace] = field(default_factory=list)

    def dots(self, length: float) -> int:
        return round(length * self.dpi / _MM)

    def bar(self, box: Box) -> None:
        self.fixed.append(
            Bar(
                self.dots(box.x),
                self.dots(box.y),
                max(self.dots(box.width), 1),
                max(self.dots(box.height), 1),
            )
        )

    def rule(self, box: Box) -> None:
        """Draw the line above a zone."""
        self.bar(Box(box.x, box.y, box.width, RULE))

    def line(self, name: str, box: Box, kind: Type) -> None:
        """Place a changing line; its baseline is the bottom of the box."""
        self.lines.append((name, self._line(box, kind)))

    def say(self, text: str, box: Box, kind: Type) -> None:
        """Print a fixed line."""
        set_text = set_line(self._line(box, kind), text)
        self.fixed.append(set_text._replace(heavy=kind.heavy, white=kind.white))

    def paragraph(self, name: str, box: Box, sizes: tuple[float, ...]) -> None:
        self.blocks.append((name, self._block(box, sizes)))

    def say_paragraph(self, text: str, box: Box, sizes: tuple[float, ...]) -> None:
        self.fixed += set_block(self._block(box, sizes), text)

    def _line(self, box: Box, kind: Type) -> Line:
        size, least = self.dots(kind.size), self.dots(kind.least)
        place = (self.dots(box.x), self.dots(box.bottom), self.dots(box.width))
        return Line(*place, size, least, kind.align, kind.heavy)

    def _block(self, box: Box, sizes: tuple[float, ...]) -> Block:
        return block(
            x=self.dots(box.x),
            top=self.dots(box.y),
            width=self.dots(box.width),
            height=self.dots(box.height),
            sizes=tuple(self.dots(size) for size in sizes),
        )

    def header(self, box: Box) -> None:
        left = box.width * 0.6
        self.line("company", Box(box.x, box.y, left, 4.2), Type(3.3, 2.4, heavy=True))
        self.line("printed", Box(box.x + left, box.y, box.width - left, 4.2), Type(2.7, 2.2, RIGHT))

    def destination(self, box: Box, size: float) -> None:
        self.rule(box)
        drop = (box.height - 5.2 + _CAP * size) / 2 + 0.3
        # However long, it is never cut short: a machine and a person sort by it.
        self.line("sorting_code", box._replace(height=drop), Type(size, 3.0, CENTRE, heavy=True))
        self.line("destination", box._replace(height=box.height - 1.6), Type(3.4, 2.2, CENTRE))

    def code(self, box: Box, module: float, digits: float) -> None:
        """Place the bars with their quiet zones: modules as wide as wished, narrower where they do not fit."""
        whole = symbols.CODE128_MODULES + 2 * symbols.CODE128_QUIET
        dots = min(self.dots(module), self.dots(box.width) // whole)
        left = self.dots(box.x) + (self.dots(box.width) - dots * symbols.CODE128_MODULES) // 2
        bars = box.height - 1.2 - digits * 1.3
        self.codes.append(CodePlace(left, self.dots(box.y + 1.2), dots, self.dots(bars)))
        under = box._replace(height=box.height - digits * 0.28)
        self.line("number", under, Type(digits, digits / 2, CENTRE, heavy=True))

    def party(self, who: str, box: Box, name: float, sizes: tuple[float, ...]) -> None:
        """Place name and phone on one baseline, the address below; the recipient stands out, the sender does not."""
        dark = who == "recipient"
        self.rule(box)
        self._mark(box, dark=dark)
        text = box.inner(_MARK + 1.8)
        pad = 0.6 + box.height * 0.04
        first = text._replace(height=pad + _HAN_TOP * name)
        phone = min(6.4 * name * 0.92, text.width * 0.48)
        self.line(
            f"{who}_name",
            first._replace(width=text.width - phone - 1.5),
            Type(name, 2.6, heavy=dark),
        )
        self.line(
            f"{who}_phone",
            first.inner(text.width - phone),
            Type(name * 0.92, 2.0, RIGHT, heavy=dark),
        )
        drop = pad + 1.26 * name
        rest = Box(text.x, text.y + drop, text.width, text.height - drop - 0.5)
        self.paragraph(f"{who}_address", rest, sizes)

    def _mark(self, box: Box, *, dark: bool) -> None:
        middle = box._replace(width=_MARK, height=box.height / 2 + 1.9)
        if dark:
            self.bar(Box(box.x, box.y + 0.5, _MARK, box.height - 1.0))
            self.say("收", middle, Type(5.0, 5.0, CENTRE, heavy=True, white=True))
        else:
            self.bar(Box(box.x + _MARK, box.y, RULE, box.height))
            self.say("寄", middle, Type(4.2, 4.2, CENTRE))

    def contents(self, box: Box, size: float) -> None:
        """Place nature, quantity and weight of the goods; what the thing is called stays sealed."""
        cells = (
            ("内件性质", "goods_kind", 0.0, 0.38),
            ("件数", "quantity", 0.4, 0.26),
            ("重量", "weight", 0.68, 0.32),
        )
        top = (box.height - 4.1 - size) / 2
        for caption, name, start, share in cells:
            cell = Box(box.x + start * box.width, box.y, share * box.width, top + 2.3)
            self.say(caption, cell, Type(2.6, 2.6))
            self.line(name, cell._replace(height=top + 4.1 + size * _HAN_TOP), Type(size, 2.2, heavy=True))

    def qr(self, x: float, y: float, side: float) -> None:
        """Place the square, quiet zone included, in a box of `side` millimetres."""
        box = self.dots(side)
        module = min(box // (self.qr_modules + 2 * symbols.QR_QUIET), _MOST_MODULE)
        inset = (box - module * self.qr_modules) // 2
        self.squares.append(QrPlace(self.dots(x) + inset, self.dots(y) + inset, module))

    def signature(self, box: Box) -> None:
        self.rule(box)
        base = box.height - 2.6
        half = box.width * 0.52
        for caption, start, width, end in (
            ("签收人", 0.0, 11.0, half - 3),
            ("签收时间", half, 14.0, box.width),
        ):
            self.say(caption, Box(box.x + start, box.y, _ANY_WIDTH, base), Type(3.2, 3.2))
            self.bar(Box(box.x + start + width, box.y + base + 0.9, end - start - width, RULE))

    def tear(self, y: float, width: float) -> None:
        """Draw the dashes along which the recipient's part comes off."""
        start = 1.0
        while start + 2.0 <= width:
            self.bar(Box(start, y, 2.0, RULE))
            start += 3.4
