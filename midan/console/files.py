"""Files a page hands out: each says in its name who took it and when.

What is inside is signed, or proved against the log, byte for byte, so the mark cannot stand there. No file of the console
holds a customer's value, masked or clear, but the label, which is printed and has an entry of its own.
"""

from pathlib import PurePath

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from midan.console.doors import person


def handed_out(request: HttpRequest, content: bytes | str, content_type: str, name: str) -> HttpResponse:
    """Return the file as a download named after its recipient: `drill-1.json` → `drill-1-S00017-20261125T0830.json`."""
    path = PurePath(name)
    marked = f"{path.stem}-{person(request).staff_no}-{timezone.localtime():%Y%m%dT%H%M}{path.suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{marked}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
