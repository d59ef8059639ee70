"""The tables inside the reference pages: they are what the code says, and a changed one is named."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "reference.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("reference_tool", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, TOOL, *words], capture_output=True, text=True, timeout=240, check=False
    )


def test_a_changed_table_is_named_and_the_others_hold(tmp_path):
    pages = shutil.copytree(ROOT / "docs" / "reference", tmp_path / "reference")
    page = pages / "permissions.md"
    text = page.read_text("utf-8")
    assert "| Station clerk | `deliver` | recipient's name |" in text
    page.write_text(text.replace("recipient's name |", "recipient's phone |"), "utf-8")
    ran = ask("check", str(pages))
    assert ran.returncode == 1, ran.stderr
    named = [line.split(" ")[0] for line in ran.stdout.splitlines()]
    assert named == ["docs/reference/permissions.md"]


def test_words_around_a_table_stay_and_the_table_is_made_anew(tool):
    page = "before\n<!-- made from the code: one -->\nold\n<!-- end -->\nafter\n"
    fresh = tool.made(page, {"one": "| new |"})
    assert fresh == "before\n<!-- made from the code: one -->\n\n| new |\n\n<!-- end -->\nafter\n"
    assert tool.made(fresh, {"one": "| new |"}) == fresh


@pytest.mark.parametrize("tables", [{}, {"one": "", "two": ""}, {"two": ""}])
def test_a_table_without_a_place_is_refused(tool, tables):
    with pytest.raises(ValueError, match="places"):
        tool.made("<!-- made from the code: one -->\n<!-- end -->\n", tables)


def test_an_unknown_word_is_answered_with_the_usage():
    ran = ask("sort")
    assert ran.returncode == 2
    assert "reference.py check" in ran.stdout
