"""What a label is made of, in printer dots from its upper left corner."""

from typing import NamedTuple


class Text(NamedTuple):
    """One line. `y` is the baseline, `size` the em; heavy text is printed bolder, white text stands on a bar."""

    x: int
    y: int
    size: int
    text: str
    heavy: bool = False
    white: bool = False


class Bar(NamedTuple):
    """A filled rectangle."""

    x: int
    y: int
    width: int
    height: int


class Code128(NamedTuple):
    """`module` is the width of the narrowest bar in whole dots; quiet zones lie outside."""

    x: int
    y: int
    module: int
    height: int
    data: str


class Qr(NamedTuple):
    """A square of `module` dots a module, error correction M; quiet zones lie outside."""

    x: int
    y: int
    module: int
    data: str


Item = Text | Bar | Code128 | Qr
