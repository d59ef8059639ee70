"""Translations: Chinese is the source language, English must be complete.

messages.py extract   gather msgids into midan/locale/en/LC_MESSAGES/django.po (Babel; no gettext tools needed)
messages.py check     fail when an English translation is missing or loses a placeholder
messages.py compile   write django.mo beside each django.po
"""

import ast
import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "midan"
ENGLISH = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")
METHODS = [("**/templates/**.html", "tools.djangotemplates:extract"), ("**.py", "python")]
KEYWORDS = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "trans")) | {
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}


def gather() -> Catalog:
    """Return every msgid of the package with where it stands, errors' first arguments included."""
    catalog = Catalog(locale="en", project="midan", charset="utf-8", fuzzy=False)
    for file, line, message, _comments, _context in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        catalog.add(message, locations=[(file, line)])
    for path, line, text in raised_messages():
        catalog.add(text, locations=[(str(path.relative_to(PACKAGE)), line)])
    return catalog


def raised_messages() -> list[tuple[Path, int, str]]:
    """Return the Chinese messages given to errors in `raise Error("…")`: core has no gettext to mark them with."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            first = node.args[0]
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            literal = first.value if isinstance(first, ast.Constant) else None
            if name[:1].isupper() and isinstance(literal, str) and HAN.search(literal):
                found.append((path, node.lineno, literal))
    return found


def load() -> Catalog:
    """Return the English catalogue as committed."""
    if not ENGLISH.exists():
        return Catalog(locale="en")
    return read_po(BytesIO(ENGLISH.read_bytes()), locale="en")


def extract() -> int:
    """Merge new msgids into the committed catalogue; translations kept, dead msgids dropped."""
    fresh, old = gather(), load()
    for message in fresh:
        known = old.get(message.id) if message.id else None
        if known and known.string:
            message.string = known.string
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    fresh.header_comment = "# English for Midan's Chinese msgids."
    with ENGLISH.open("wb") as file:
        write_po(file, fresh, width=110, sort_output=True, omit_header=False, include_lineno=False)
    missing = [message for message in fresh if message.id and not filled(message.string)]
    print(f"{len(list(fresh))} messages, {len(missing)} without English")
    return 0


def filled(string: object) -> bool:
    """Return whether a translation (all plural forms of it) is there."""
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def check() -> int:
    """Return 1 and name the faults when English is incomplete."""
    known, faults = load(), []
    for message in gather():
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[0]
        translated = known.get(message.id)
        if translated is None or not filled(translated.string):
            if HAN.search(source):
                faults.append(f"no English: {source} ({message.locations[:1]})")
            continue
        target = translated.string if isinstance(translated.string, str) else translated.string[0]
        if set(PLACEHOLDER.findall(source)) - set(PLACEHOLDER.findall(target)):
            faults.append(f"placeholder lost: {source}")
    print("\n".join(faults))
    return 1 if faults else 0


def compile_() -> int:
    """Write the binary catalogues Django reads."""
    for po in PACKAGE.glob("locale/*/LC_MESSAGES/django.po"):
        catalog = read_po(BytesIO(po.read_bytes()), locale=po.parent.parent.name)
        with po.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit({"extract": extract, "check": check, "compile": compile_}[sys.argv[1]]())
