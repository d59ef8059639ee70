"""One job, one source file, one PDF: how typst is set up, for labels and for every other page with the label font."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import typst

from midan.label.render.font import path


def typeset(source: Path, job: Mapping[str, object]) -> bytes:
    """Return the document that a source makes of `sys.inputs.job`; the same job gives the same bytes."""
    document = _compiler(source).compile(
        sys_inputs={"job": json.dumps(job, ensure_ascii=False, separators=(",", ":"))},
        format="pdf",
        pdf_tags=False,
        timestamp=0,
    )
    assert isinstance(document, bytes)  # one PDF, returned and not written
    return document


@cache
def _compiler(source: Path) -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path().parent)]
    )
    return typst.Compiler(source, root=source.parent, font_paths=fonts, ignore_system_fonts=True)
