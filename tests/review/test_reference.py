"""The reference pages say what the program does: every error code with its numbers, every command with its options."""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import typer

import midan
from midan.catalog import settings
from midan.cli import app as commands
from midan.core.errors import MidanError
from midan.vault.keyd import server, wire

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
EVERYWHERE = {"--help", "--install-completion", "--show-completion"}


def errors() -> dict[str, set[type[MidanError]]]:
    for module in pkgutil.walk_packages(midan.__path__, "midan."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: dict[str, set[type[MidanError]]] = defaultdict(set)
    waiting = [MidanError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            # Tests may have made kinds of their own.
            if kind.__module__.startswith("midan."):
                found[kind.code].add(kind)
    return found


def rows() -> dict[str, list[str]]:
    lines = (REFERENCE / "errors.md").read_text("utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")
    ]
    assert len({row[0] for row in cells}) == len(cells)
    return {row[0].strip("`"): row[1:] for row in cells}


def test_the_page_of_errors_names_every_code_and_no_other():
    assert sorted(rows()) == sorted(errors())


def test_the_page_of_errors_gives_the_numbers_and_clauses_of_the_code():
    said = rows()
    for code, kinds in errors().items():
        exits, statuses, clauses, meaning = said[code]
        assert set(exits.split(" / ")) == {str(kind.exit_code) for kind in kinds}, code
        assert set(statuses.split(" / ")) == {str(kind.status) for kind in kinds}, code
        assert set(clauses.split(" / ")) == {kind.clause or "—" for kind in kinds}, code
        assert meaning.endswith("."), code


def test_codes_are_slugs_and_exits_are_those_of_the_contract():
    for code, kinds in errors().items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert {kind.exit_code for kind in kinds} <= {1, 2, 3, 4, 5}


def options() -> Iterator[tuple[str, set[str]]]:
    """Yield each command as it is typed with the options it takes."""
    table = commands.CommandTable(name="midan")
    context = typer.Context(table)
    for name in table.list_commands(context):
        command = table.get_command(context, name)
        for words, found in [
            (f"{name} {sub}", each) for sub, each in getattr(command, "commands", {}).items()
        ] or [(name, command)]:
            taken = {word for parameter in found.params for word in parameter.opts if word.startswith("-")}
            yield f"midan {words}", taken - EVERYWHERE


def test_the_page_of_commands_names_every_command_with_every_option_and_no_other():
    sections = re.split(r"^## ", (REFERENCE / "commands.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    page = {
        re.sub(r"\s+[A-Z\[].*", "", section.splitlines()[0]): {
            word
            for line in section.splitlines()
            if line.startswith("- `")
            for word in re.findall(r"`(--?[a-z-]+)`", line.split(":")[0])
        }
        for section in sections
    }
    assert page == dict(options())


def test_the_page_of_the_key_process_names_every_method_it_answers_and_no_other():
    page = (REFERENCE / "keyd-socket.md").read_text("utf-8").split("## Methods")[1]
    named = re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)
    served = set(wire.CALLS)
    assert set(server._METHODS) | {"find"} == served
    missing, gone = sorted(served - set(named)), sorted(set(named) - served)
    assert not missing, (
        f"{missing} is in midan/vault/keyd/wire.py CALLS and not in docs/reference/keyd-socket.md:"
        " add a row to the table under '## Methods' (method, arguments, answers, refuses),"
        " and to docs/ideas/the-house.md what a web process gets by it"
    )
    assert not gone, f"docs/reference/keyd-socket.md still names {gone}: take the row out"


def test_the_call_on_the_page_of_the_key_process_is_a_real_one():
    page = (REFERENCE / "keyd-socket.md").read_text("utf-8")
    frame = bytes.fromhex(re.search(r"^question ([ 0-9a-f]+)$", page, flags=re.MULTILINE)[1])
    question = wire.read_request(frame[4:])
    assert int.from_bytes(frame[:4]) == len(frame) - 4
    assert (question.method, bytes(question.arguments)) == ("status", b"\x90")
    answer = wire.encode(wire.Answer(None, wire.NOTHING))
    assert answer.hex(" ").startswith(
        re.search(r"^answer +([ 0-9a-f]+)<", page, flags=re.MULTILINE)[1].strip()
    )


def test_the_page_of_settings_names_every_variable_that_is_read_and_no_other():
    page = (REFERENCE / "settings.md").read_text("utf-8")
    named = re.findall(r"^\| `(MIDAN_\w+)` \|", page, flags=re.MULTILINE)
    assert sorted(named) == sorted(set(settings._NAMES) - {"HOME"})
