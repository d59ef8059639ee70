"""`midan mask KIND`: standard input to standard output, line by line."""

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer


class MaskKind(StrEnum):
    """What a line holds."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    ID = "id"
    TEXT = "text"


def mask(kind: Annotated[MaskKind, typer.Argument(help="what each line holds")]) -> None:
    """Mask each line of standard input; as many lines come out, empty ones kept."""
    hide = _masker(kind)
    # Only \\n ends a line: the other separators Python knows may stand inside an address and must not add lines.
    source = open(sys.stdin.fileno(), encoding="utf-8", errors="replace", newline="\n", closefd=False)  # noqa: SIM115
    out = open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False)  # noqa: SIM115
    with source, out:
        for line in source:
            text, end = (line[:-1], "\n") if line.endswith("\n") else (line, "")
            body, carriage = (text[:-1], "\r") if text.endswith("\r") else (text, "")
            out.write((hide(body) if body else "") + carriage + end)


def _masker(kind: MaskKind) -> Callable[[str], str]:
    match kind:
        case MaskKind.NAME:
            from midan.core.masking.name import mask_name as chosen
        case MaskKind.PHONE:
            from midan.core.masking.phone import mask_phone as chosen
        case MaskKind.ADDRESS:
            from midan.core.masking.address import mask_address as chosen
        case MaskKind.ID:
            from midan.core.masking.idcard import mask_id as chosen
        case MaskKind.TEXT:
            from midan.core.masking.text import mask_text as chosen
    return chosen
