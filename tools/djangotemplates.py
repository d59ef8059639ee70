"""Extract msgids from Django templates for Babel: {% trans %}, {% translate %}, {% blocktrans %} with plural."""

import re
from collections.abc import Iterator
from typing import IO, Any

_TRANS = re.compile(r"""\{%-?\s*trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')""")
_LITERAL = re.compile(r"""_\((?:"([^"]*)"|'([^']*)')\)""")
_BLOCK = re.compile(
    r"\{%\s*blocktrans(?:late)?(?P<options>[^%]*)%\}(?P<one>.*?)"
    r"(?:\{%\s*plural\s*%\}(?P<many>.*?))?\{%\s*endblocktrans(?:late)?\s*%\}",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def extract(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield (line, function, message, comments) as Babel wants."""
    text = fileobj.read().decode()
    for pattern in (_TRANS, _LITERAL):
        for match in pattern.finditer(text):
            yield _line(text, match), "gettext", match.group(1) or match.group(2), []
    for match in _BLOCK.finditer(text):
        trim = "trimmed" in match["options"]
        one = _message(match["one"], trim=trim)
        if match["many"] is None:
            yield _line(text, match), "gettext", one, []
        else:
            yield _line(text, match), "ngettext", (one, _message(match["many"], trim=trim)), []


def _line(text: str, match: "re.Match[str]") -> int:
    return text.count("\n", 0, match.start()) + 1


def _message(body: str, *, trim: bool) -> str:
    if trim:
        body = " ".join(line.strip() for line in body.splitlines() if line.strip())
    return _VARIABLE.sub(r"%(\1)s", body.replace("%", "%%"))
