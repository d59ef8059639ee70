"""Staff lists: upload, look it over, take it in. Between the two steps the rows lie in the sealed session, nowhere else."""

import csv
from io import StringIO
from typing import Any, Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from midan.console.doors import acting, fresh, room
from midan.console.errors import StaffFormRefused
from midan.console.rules import Room
from midan.core.errors import MidanError
from midan.people.errors import RosterUnreadable
from midan.people.roster.rules import COLUMNS, MOST_BYTES, RosterRow
from midan.people.roster.services import Preview, preview, take_in

_KEY: Final = "staff_roster"
_MOST_SHOWN: Final = 500


@sensitive_post_parameters()
@room(Room.KEEP_STAFF)
@fresh
def roster(request: HttpRequest) -> HttpResponseBase:
    """Show the upload; after one what the list would do, row by row, with nothing done."""
    request.session.pop(_KEY, None)
    if request.method != "POST":
        return render(request, "console/roster.html", {"columns": COLUMNS})
    shown: dict[str, Any] = {"columns": COLUMNS, "most": _MOST_SHOWN}
    status = 200
    try:
        found = preview(actor=acting(request), content=_content(request), now=timezone.now())
    except MidanError as error:
        shown["fault"], status = error, error.status
    else:
        shown |= {"found": found, "rows": found.rows[:_MOST_SHOWN], "faults": found.faults[:_MOST_SHOWN]}
        if not found.faults:
            request.session[_KEY] = {
                "digest": found.digest,
                "format": found.format,
                "rows": [row.plain() for row in found.rows],
            }
    return render(request, "console/roster.html", shown, status=status)


def _content(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise RosterUnreadable("empty_file")
    if file.size is None or file.size > MOST_BYTES:
        raise RosterUnreadable("file_too_large")
    return bytes(file.read())


@require_POST
@room(Room.KEEP_STAFF)
@fresh
def take(request: HttpRequest) -> HttpResponseBase:
    """Appoint everybody of the list that was looked over in this session, or nobody."""
    kept = request.session.pop(_KEY, None)
    shown: dict[str, Any] = {"columns": COLUMNS}
    try:
        if kept is None:
            raise StaffFormRefused
        found = Preview(
            digest=kept["digest"],
            format=kept["format"],
            rows=tuple(RosterRow.of(row) for row in kept["rows"]),
            faults=(),
        )
        people = take_in(actor=acting(request), found=found, now=timezone.now())
    except MidanError as error:
        shown["fault"] = error
        shown["faults"] = error.details.get("rows", [])
        return render(request, "console/roster.html", shown, status=error.status)
    messages.success(request, gettext("已登记 %(people)d 人，均为待入职") % {"people": people})
    return redirect("console:people")


@require_safe
@room(Room.KEEP_STAFF)
def template(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001  a view's signature
    """Return an empty list with its columns; a byte order mark, so that spreadsheets read Chinese."""
    text = StringIO()
    csv.writer(text).writerow(COLUMNS)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="midan-staff.csv"'
    return response
