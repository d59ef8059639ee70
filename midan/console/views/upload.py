"""Order files: the page, the template, the stream."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from midan.collection import selectors, services
from midan.collection.errors import FileBroken, FileRefused
from midan.collection.rules import COLUMNS, Reject, desk_client
from midan.console.doors import acting, person, room
from midan.console.rules import Room
from midan.store.errors import StorageFailed, StorageFull

_CHUNK: Final = 1 << 16
_MOST_SHOWN: Final = 500
_RECENT: Final = 10


@require_safe
@room(Room.UPLOAD)
def upload(request: HttpRequest) -> HttpResponseBase:
    branch = person(request).branch.code
    context = {
        "branch": branch,
        "uploads": selectors.uploads(branch=branch, limit=_RECENT),
        "columns": COLUMNS,
    }
    return render(request, "console/upload.html", context)


@require_POST
@room(Room.UPLOAD)
def receive(request: HttpRequest) -> HttpResponseBase:
    """Take the request's body as it arrives; answer with counts and, of refused rows, row, field and reason."""
    actor = acting(request)
    rejected: list[tuple[int, str, str]] = []

    def keep(row: int, rejects: tuple[Reject, ...]) -> None:
        room_left = _MOST_SHOWN - len(rejected)
        rejected.extend((row, reject.field, reject.code) for reject in rejects[: max(0, room_left)])

    shown: dict[str, object] = {"rejected": rejected, "most": _MOST_SHOWN}
    status = 200
    try:
        shown["summary"] = services.intake_stream(
            actor=actor,
            client=desk_client(actor.branch),
            branch=actor.branch,
            chunks=_body(request),
            file_format=request.GET.get("format", ""),
            now=timezone.now(),
            on_reject=keep,
        )
    except (FileRefused, FileBroken, StorageFull, StorageFailed) as error:
        shown["fault"], status = error, error.status
    shown["uploads"] = selectors.uploads(branch=actor.branch, limit=_RECENT)
    return render(request, "console/_uploaded.html", shown, status=status)


@require_safe
@room(Room.UPLOAD)
def template(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001  a view's signature
    """Return an empty table with the contract's columns; a byte order mark, so that spreadsheets read Chinese."""
    text = StringIO()
    csv.writer(text).writerow(COLUMNS)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="midan-orders.csv"'
    return response


def _body(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(_CHUNK):
        yield chunk
