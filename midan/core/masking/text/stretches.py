"""A long text, read in overlapping stretches: the time grows with its length, and nothing falls between two of them.

A finding counts where it stands well inside its stretch, so that the cut ends of another are not taken for the ends
of a text. The stretches overlap by more than anything the finders know is long.
"""

from collections.abc import Callable, Iterator
from typing import Final

WIDTH: Final = 1_000
_STEP: Final = 500
# What a stretch says about its first and last characters, another says better.
_MARGIN: Final = 100
# What one pass hides may uncover something for the next, as in a short text; what does not settle is hidden whole.
_PASSES: Final = 8
_HIDDEN: Final = "*"


def mask_by_stretches(text: str, mask: Callable[[str], str]) -> str:
    """Return `text` with all hidden that `mask`, which hides by `*` and keeps the length, hides in any stretch."""
    for _ in range(_PASSES):
        letters = list(text)
        for start, first, last in _stretches(len(text)):
            masked = mask(text[start : start + WIDTH])
            for place in range(first, last):
                if masked[place - start] == _HIDDEN:
                    letters[place] = _HIDDEN
        hidden = "".join(letters)
        if hidden == text:
            return text
        text = hidden
    return _HIDDEN * len(text)


def _stretches(length: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each stretch starts, and from where to where its findings count; together that is everything."""
    for start in range(0, max(1, length - WIDTH + _STEP), _STEP):
        end = min(start + WIDTH, length)
        yield start, start and start + _MARGIN, end if end == length else end - _MARGIN
