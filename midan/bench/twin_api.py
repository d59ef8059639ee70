"""The reveal twin's one route: the same door, the same answer, a row in plain text and one equal entry."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from ninja import NinjaAPI

from midan.audit.services import commit_read
from midan.core.errors import MidanError
from midan.gateway import answers, schemas
from midan.gateway.callers import person_of
from midan.vault.rules import fields_detail

api = NinjaAPI(title="Twin", urls_namespace="twin", docs_url=None)
_COLUMNS = {"recipient_name": 0, "recipient_phone": 1, "recipient_address": 2}


@api.exception_handler(MidanError)
def _refused(request: HttpRequest, error: MidanError) -> HttpResponse:
    return answers.problem(error, request)


@api.post("/waybills/{number}/reveal", response={200: schemas.RevealAnswer})
def reveal(request: HttpRequest, number: str, question: schemas.RevealQuestion) -> dict[str, Any]:
    """Commit an entry like that of a reveal, then read the plain row: nothing is decided, nothing opened."""
    caller, now = person_of(request, "waybills:reveal"), timezone.now()
    entry_id = commit_read(
        actor=caller.actor,
        act="access:part:revealed",
        object=f"waybill:{number}",
        outcome="allowed",
        purpose=question.purpose,
        reason=question.reason,
        policy="0" * 16,
        party=(b"\0" * 16,),
        details={"fields": fields_detail(frozenset(question.fields)), "permit": "manager_answers_for_branch"},
        at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, address FROM bench_plain_row WHERE number = %s", [number])
        row = cursor.fetchone()
    return {
        "values": {name: row[_COLUMNS[name]] for name in question.fields},
        "entry_id": entry_id,
        "expires_at": (now + timedelta(seconds=60)).isoformat(),
    }


urlpatterns = [path("api/v1/", include("midan.gateway.urls"))]
urlpatterns.insert(0, path("api/v1/", api.urls))
