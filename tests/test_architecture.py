"""What import contracts cannot say about the shape of the house."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "midan"
AREAS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
FORBIDDEN_NAMES = {"utils", "common", "helpers", "manager", "base", "misc"}
# Words of the workshop that have no place in the product.
FORBIDDEN_WORDS = ("TODO", "FIXME", "NotImplementedError")
WRITERS = ("approval", "devices", "people", "waybill", "collection", "access", "label", "destruction")


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    said = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return said[-1].end_lineno - said[0].lineno + 1 if said else 0


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_fits_on_a_few_screens(path: Path):
    assert path.read_text(encoding="utf-8").count("\n") <= 300


def test_a_function_fits_on_one_screen():
    """Forty lines from its first statement to its last; signature and docstring are for readers and cost nothing."""
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in sources()
        for function in functions(parse(path))
        if body_lines(function) > 40
    ]
    assert long == []


def test_no_room_is_named_for_having_no_name():
    # Django looks for a database backend in a module of this name.
    named = [path for path in sources() if path != PACKAGE / "store" / "sqlite" / "base.py"]
    assert [
        path for path in named if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES
    ] == []


def test_no_unfinished_work_is_left_in_the_package():
    found = [
        path for path in sources() for word in FORBIDDEN_WORDS if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_no_area_reads_another_areas_tables():
    strangers = []
    for path in sources():
        area = path.relative_to(PACKAGE).parts[0]
        for node in ast.walk(parse(path)):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if (
                module
                and module.startswith("midan.")
                and module.endswith(".models")
                and module.split(".")[1] != area
            ):
                strangers.append(f"{path.relative_to(ROOT)} imports {module}")
    assert strangers == []


def test_every_return_type_is_written():
    bare = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in sources()
        for function in functions(parse(path))
        if function.returns is None
    ]
    assert bare == []


@pytest.mark.parametrize("area", WRITERS)
def test_verbs_take_their_arguments_by_name(area: str):
    files = [*PACKAGE.glob(f"{area}/services.py"), *PACKAGE.glob(f"{area}/services/*.py")]
    assert files, f"{area} has no services"
    positional = [
        f"{path.name}: {node.name}"
        for path in files
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and len(node.args.args) > 1
    ]
    assert positional == []


def test_the_core_reads_no_clock_and_no_entropy():
    banned = {"now", "utcnow", "today", "urandom", "token_bytes"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (PACKAGE / "core").rglob("*.py")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in banned
    ]
    assert found == []


def test_templates_carry_no_inline_script_style_or_handler():
    handler = re.compile(
        r"<[^>]+\s(?:on\w+|style)\s*=|<style|<script(?![^>]*(?:src=|type=\"application/json\"))",
        re.IGNORECASE,
    )
    guilty = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.html")
        if handler.search(path.read_text("utf-8"))
    ]
    assert guilty == []


def test_no_setting_turns_the_log_off_or_weakens_sign_in():
    text = (PACKAGE / "config" / "settings.py").read_text(encoding="utf-8")
    assert "WEBAUTHN_ALLOW_INSECURE_ORIGIN" not in text
    assert "unsafe-inline" not in text
    assert "unsafe-eval" not in text


def test_what_a_company_must_install_is_what_the_package_uses():
    """A library nobody imports is still one more to trust: it comes with the code that needs it."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    owners = packages_distributions()
    used = {owner.lower().replace("_", "-") for name in imported() for owner in owners.get(name, [])}
    assert [name for name in named if re.split(r"[\[<>=]", name)[0].lower() not in used] == []


def imported() -> set[str]:
    """Return the top names of everything the package and the tools it is built with import or name in settings."""
    found = set()
    for path in [*sources(), *(ROOT / "tools").glob("*.py")]:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    settings = parse(PACKAGE / "config" / "settings.py")
    words = [node.value for node in ast.walk(settings) if isinstance(node, ast.Constant)]
    return found | {word.split(".")[0] for word in words if isinstance(word, str)}
