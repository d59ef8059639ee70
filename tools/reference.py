"""The tables inside the reference pages are made from the code; the words around them are written by hand.

reference.py write   make every table anew
reference.py check   fail, naming the pages, when one says something else than the code

A page holds `<!-- made from the code: NAME -->` … `<!-- end -->` for each of its tables. Everything is asked of an empty
installation in a folder of its own, which is gone afterwards.
"""

import logging
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

PAGES = ("events", "permissions", "clauses", "api")
BLOCK = re.compile(r"(<!-- made from the code: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def begin(home: Path) -> None:
    """Start Django over an empty installation, whatever the environment says of another."""
    for name in [name for name in os.environ if name.startswith("MIDAN_")]:
        del os.environ[name]
    os.environ.update(MIDAN_HOME=str(home), DJANGO_SETTINGS_MODULE="midan.config.settings")
    import django

    django.setup()
    logging.disable(logging.WARNING)


def made(text: str, tables: dict[str, str]) -> str:
    """Return a page with its tables as they should be; ValueError for a table without a place, or a place without one."""
    places = [match[2] for match in BLOCK.finditer(text)]
    if sorted(places) != sorted(tables):
        raise ValueError(f"the page has places for {places}, the code makes {sorted(tables)}")
    return BLOCK.sub(lambda match: f"{match[1]}\n{tables[match[2]]}\n\n{match[3]}", text)


def compare(docs: Path, *, write: bool) -> list[str]:
    """Make every page anew; write those that differ, or return their names."""
    stale = []
    for name in PAGES:
        page = docs / f"{name}.md"
        before = page.read_text("utf-8")
        try:
            after = made(before, import_module(f"refpages.{name}").tables())
        except (LookupError, ValueError) as error:
            raise SystemExit(f"{page.name}: {type(error).__name__}: {error}") from error
        if after != before and write:
            page.write_text(after, "utf-8")
        elif after != before:
            stale.append(page.name)
    return stale


def main(words: list[str]) -> int:
    """Do what is asked; a second word names another folder of pages."""
    if not 1 <= len(words) <= 2 or words[0] not in {"write", "check"}:
        print(__doc__)
        return 2
    root = Path(__file__).resolve().parent.parent
    docs = Path(words[1]) if len(words) == 2 else root / "docs" / "reference"
    with TemporaryDirectory() as home:
        begin(Path(home))
        stale = compare(docs, write=words[0] == "write")
    for name in stale:
        print(f"docs/reference/{name} is not what the code says: run python tools/reference.py write")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
