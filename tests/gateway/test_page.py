"""The OpenAPI page and the routes: each promises what the other does, no more and no less."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.urls import get_resolver
from django.utils import timezone

from midan.audit import services as audit
from midan.catalog.settings import current
from midan.collection.rules import check_row
from midan.core.actor import Actor
from midan.gateway import api as routes
from midan.gateway import calls
from midan.gateway import services as gateway
from midan.gateway.openapi import ORDER
from midan.gateway.rules import SCOPES
from midan.vault import keyd
from midan.vault.errors import VaultLocked
from midan.vault.keyd.limits import RateBudget
from midan.vault.models import DESTROYED, Epoch, IdentityPart, Part
from midan.waybill.models import Waybill
from tests.gateway import agents
from tests.gateway.clients import change
from tests.gateway.page import hold_against_the_page, operations

UNKNOWN = "MD0000000000000"
PHONE = {"kind": "phone", "value": "16100005678"}
REVEAL = {"fields": ["recipient_phone"], "purpose": "customer_service", "reason": "customer_asked"}
SEND, BATCH, SEARCH, TICKET = "/waybills", "/waybills/batch", "/waybills/search", "/tickets"
CALL = "/calls"
RING = {"call_id": "call-0001", "phone": "16100005678"}
READ, OPEN, SCAN, PRINT, CHECK = (
    f"/waybills/{{number}}{end}" for end in ("", "/reveal", "/scans", "/label", "/real-name")
)
POINT, TILE, TOKEN = "/audit/checkpoint", "/audit/tile/{place}", "/token"
METHODS = {READ: "GET", PRINT: "GET", POINT: "GET", TILE: "GET"}
NEED_A_PERSON = (SEARCH, OPEN, SCAN, TICKET, CHECK, CALL)
DOCUMENT = {"kind": "resident_id", "id_number": "110101190001010006"}


class Asker:
    """Brings a route to each of the answers its page promises."""

    def __init__(self, company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.company, self.patch = company, monkeypatch
        self.number = company.send()

    def body(self, path: str) -> Any:
        order = self.company.order(order_ref="P-1")
        bodies = {
            SEND: order,
            BATCH: [order],
            SEARCH: PHONE,
            OPEN: REVEAL,
            SCAN: {"event": "collected"},
            CHECK: DOCUMENT,
            TICKET: {"waybill": self.number, "reason": "customer_asked"},
            CALL: RING,
        }
        return bodies.get(path)

    def ask(self, path: str, body: Any = None, *, number: str = "", query: str = "", **who: str) -> Any:
        if path in NEED_A_PERSON and "actor" not in who and who.get("client") != "":
            who["actor"] = "courier" if path in {SCAN, CHECK} else "agent"
        if path == CALL and who.get("client", "hall") == "hall" and not isinstance(body, bytes):
            return self.company.ring(self.body(path) if body is None else body, **who)
        method = METHODS.get(path, "POST")
        where = path.replace("{number}", number or self.number).replace("{place}", "0/000.p/1") + query
        return self.company.call(method, where, self.body(path) if body is None else body, **who)

    def ticket(self) -> str:
        return str(self.ask(TICKET).json()["ticket"])

    def open(self) -> Any:
        return self.ask(OPEN, REVEAL | {"ticket": self.ticket()})

    def lock(self) -> None:
        def locked() -> Any:
            raise VaultLocked("locked")

        self.patch.setattr(keyd, "connect", locked)

    def fill_the_disk(self) -> None:
        def full(*_: Any, **__: Any) -> Any:
            raise DatabaseError("database or disk is full")

        self.patch.setattr(import_module("midan.collection.services.intake"), "open_desk", full)

    def checkpoint(self) -> None:
        audit.integrate(now=timezone.now())

    def spend_all(self) -> None:
        self.allow(lambda _role, kind: 0 if kind != "ticket" else 1)

    def allow(self, flat: Any) -> None:
        """Let nobody's work earn anything, and the day's numbers be these."""
        budgets = import_module("midan.access.selectors.budgets")
        self.patch.setattr(budgets, "earning", lambda *_: None)
        self.patch.setattr(budgets, "flat", flat)

    def token(self, **fields: str) -> Any:
        made = gateway.create_client(
            actor=Actor.system("test"), name="new", branch="HZ001", scopes=("audit:read",), now=timezone.now()
        )
        told = {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
        }
        answer = self.company.http.post("/api/v1/token", told | fields)
        hold_against_the_page("POST", TOKEN, answer)
        return answer


def _with(act: Any) -> Any:
    """Return a question that first does `act`, then asks as always."""
    return lambda asker, path: (act(asker), asker.ask(path))[1]


def _send_twice(asker: Asker, path: str) -> Any:
    asker.ask(path)
    return asker.ask(path)


def _destroy_today(_asker: Asker) -> None:
    Epoch.objects.update(state=DESTROYED)


def _reprint(asker: Asker, path: str) -> Any:
    courier = asker.ask(path, actor="manager")
    assert courier.status_code == 200
    return asker.ask(path, actor="manager")


def _tickets_used_up(asker: Asker, path: str) -> Any:
    asker.spend_all()
    asker.ask(path)
    return asker.ask(path, RING | {"call_id": "call-0002"} if path == CALL else None)


def _searches_used_up(asker: Asker, path: str) -> Any:
    asker.allow(lambda _role, _kind: 0)
    return asker.ask(path)


def _tile_lost(asker: Asker, path: str) -> Any:
    asker.checkpoint()
    for tile in (current().tiles / "tile").rglob("*"):
        if tile.is_file():
            tile.unlink()
    return asker.ask(path)


def _a_tile(asker: Asker, path: str) -> Any:
    asker.checkpoint()
    size = asker.ask(POINT).content.decode().splitlines()[1]
    return asker.company.call("GET", f"/audit/tile/0/000.p/{size}")


def _tokens_used_up(asker: Asker, _path: str) -> Any:
    wrong = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "wrong"}
    for _ in range(10):
        asker.company.http.post("/api/v1/token", wrong)
    return asker.company.http.post("/api/v1/token", wrong)


def _opened(asker: Asker, _path: str) -> Any:
    return asker.open()


def _gone(asker: Asker, _path: str) -> Any:
    ticket = asker.ticket()
    Part.objects.all().delete()
    return asker.ask(OPEN, REVEAL | {"ticket": ticket})


def _locked_reveal(asker: Asker, _path: str) -> Any:
    ticket = asker.ticket()
    asker.lock()
    return asker.ask(OPEN, REVEAL | {"ticket": ticket})


def _openings_used_up(asker: Asker, _path: str) -> Any:
    asker.allow(lambda _role, kind: 9 if kind == "ticket" else 0)
    return asker.open()


def _checked_then(change: Any) -> Any:
    """Record a check, change something, and ask for it again: keyd has to compare."""

    def ask(asker: Asker, path: str) -> Any:
        asker.ask(path)
        change(asker)
        return asker.ask(path)

    return ask


def _over(_asker: Asker) -> None:
    Waybill.objects.update(status="delivered")


def _called_too_often(asker: Asker, path: str) -> Any:
    change("hall", per_minute=1)
    asker.ask(path)
    return asker.ask(path)


def _another_under_its_key(asker: Asker, path: str) -> Any:
    asker.company.http.defaults["HTTP_IDEMPOTENCY_KEY"] = "k-1"
    asker.ask(path)
    return asker.ask(path, [asker.company.order(order_ref="P-2")])


USUAL = {
    200: lambda asker, path: asker.ask(path),
    429: _called_too_often,
    401: lambda asker, path: asker.ask(path, client=""),
    403: lambda asker, path: asker.ask(path, actor="S99999"),
}
LOCKED = {503: _with(Asker.lock)}
SEALS = {
    410: _with(_destroy_today),
    422: lambda asker, path: asker.ask(path, b"{"),
}
NO_SUCH = {404: lambda asker, path: asker.ask(path, number=UNKNOWN)}
ASKED: dict[str, dict[int, Any]] = {
    SEND: {**USUAL, **SEALS, **LOCKED, 200: _send_twice, 201: USUAL[200]}
    | {
        409: lambda asker, path: (
            asker.ask(path),
            asker.ask(path, asker.company.order(order_ref="P-1", remark="x")),
        )[1]
    },
    BATCH: {**USUAL, **SEALS, **LOCKED, 409: _another_under_its_key},
    SEARCH: {**USUAL, **LOCKED, 429: _searches_used_up, 422: lambda asker, path: asker.ask(path, {})}
    | {400: lambda asker, path: asker.ask(path, {"kind": "phone_tail", "value": "ab"})},
    READ: {**USUAL, **LOCKED, **NO_SUCH},
    OPEN: {**USUAL, **NO_SUCH, 200: _opened, 410: _gone, 503: _locked_reveal, 429: _openings_used_up}
    | {
        400: lambda asker, path: asker.ask(path, REVEAL | {"fields": ["nothing"]}),
        422: lambda asker, path: asker.ask(path, {}),
    },
    SCAN: {**USUAL, **NO_SUCH, 409: lambda asker, path: asker.ask(path, {"event": "delivered"})}
    | {422: lambda asker, path: asker.ask(path, {"event": "vanished"})},
    CHECK: {**USUAL, **NO_SUCH, **LOCKED, 201: USUAL[200], 200: _checked_then(lambda _: None)}
    | {
        409: lambda asker, path: (
            asker.ask(path),
            asker.ask(path, DOCUMENT | {"kind": "temporary_resident_id"}),
        )[1],
        410: _checked_then(lambda _: IdentityPart.objects.all().delete()),
        422: lambda asker, path: asker.ask(path, DOCUMENT | {"id_number": "1"}),
        429: _checked_then(lambda asker: asker.patch.setattr(RateBudget, "take", lambda *_: False)),
    },
    PRINT: {**USUAL, **NO_SUCH, **LOCKED, 409: _reprint, 410: _with(_over)}
    | {
        400: lambda asker, path: asker.ask(path, query="?reason=because"),
        422: lambda asker, path: asker.ask(path, query="?format=gif"),
    },
    TICKET: {**USUAL, 429: _tickets_used_up, 201: USUAL[200], 422: lambda asker, path: asker.ask(path, {})}
    | {
        400: lambda asker, path: asker.ask(path, {"waybill": asker.number, "reason": "because"}),
        404: lambda asker, path: asker.ask(path, {"waybill": UNKNOWN, "reason": "customer_asked"}),
    },
    CALL: {**USUAL, **LOCKED, 201: USUAL[200], 409: _send_twice, 429: _tickets_used_up}
    | {
        400: lambda asker, path: asker.ask(path, RING | {"reason": "because"}),
        422: lambda asker, path: asker.ask(path, RING | {"phone": "12"}),
    },
    POINT: {**USUAL, 200: _with(Asker.checkpoint), 404: USUAL[200]},
    TILE: {**USUAL, 200: _a_tile, 404: USUAL[200], 503: _tile_lost}
    | {400: lambda asker, _path: asker.company.call("GET", "/audit/tile/0/7")},
    TOKEN: {
        200: lambda asker, _path: asker.token(),
        400: lambda asker, _path: asker.token(grant_type="password"),
        401: lambda asker, _path: asker.token(client_secret="wrong"),
        429: _tokens_used_up,
        413: lambda asker, _path: asker.token(scope="x" * 3_000_000),
    },
}
ASKED[TICKET].pop(200)
ASKED[CALL].pop(200)
ASKED |= agents.ASKED


def test_each_promised_answer_has_its_question():
    promised = {(path, status) for (_, path), answers in operations().items() for status in answers}
    assert promised == {(path, status) for path, answers in ASKED.items() for status in answers}


@pytest.mark.parametrize(
    ("path", "status"), [(path, status) for path, answers in ASKED.items() for status in answers]
)
def test_a_promised_answer_can_be_had(company, monkeypatch, path, status):
    answer = ASKED[path][status](Asker(company, monkeypatch), path)
    assert answer.status_code == status, answer.content


@pytest.mark.parametrize("name", ORDER["properties"])
def test_the_page_states_each_limit_of_an_order_as_intake_keeps_it(name):
    said = ORDER["properties"][name]
    most = said.get("maximum") or said["maxLength"]

    def faults(value: object) -> set[str]:
        judged = check_row(dict.fromkeys(ORDER["properties"], "") | {name: value}, notices=frozenset())
        return {one.code for one in judged if one.field == name} & {"too_long", "out_of_range", "empty_value"}

    if said["type"] == "integer":
        assert (faults(most), faults(most + 1), faults(said["minimum"] - 1)) == (
            set(),
            {"out_of_range"},
            {"out_of_range"},
        )
    else:
        assert (faults("x" * most), faults("x" * (most + 1))) == (set(), {"too_long"})
        assert faults("") == ({"empty_value"} if said.get("minLength") else set())


def test_no_fault_of_ours_is_promised():
    assert not [place for place, answers in operations().items() if 500 in answers]


def test_every_address_of_the_api_is_on_the_page():
    resolvers = [found for found in get_resolver().url_patterns if str(found.pattern) == "api/v1/"]
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{inner.pattern}")
        for resolver in resolvers
        for found in resolver.url_patterns
        for inner in getattr(found, "url_patterns", [found])
    }
    library = {"/", "/openapi.json"}
    assert served - library == {path for _, path in operations()}


def test_where_a_person_is_needed_the_header_is_and_elsewhere_it_may_be_sent():
    source = "".join(Path(one.__file__).read_text(encoding="utf-8") for one in (routes, calls))
    assert source.count("person_of(request") == len(NEED_A_PERSON)
    page = routes.api.get_openapi_schema()
    for path, methods in page["paths"].items():
        for operation in methods.values():
            told = {one["name"]: one["required"] for one in operation.get("parameters", ())}
            name = path.removeprefix("/api/v1")
            nobody = name == TOKEN or name in agents.ASKED
            assert told.get("Midan-Actor") == (None if nobody else name in NEED_A_PERSON), path


def test_the_page_names_the_scope_each_route_asks_for_and_how_to_get_a_token(company):
    page = routes.api.get_openapi_schema()
    flow = page["components"]["securitySchemes"]["client"]["flows"]["clientCredentials"]
    assert flow == {"tokenUrl": "/api/v1/token", "scopes": dict(SCOPES)}
    for method, path in operations():
        if path == TOKEN:
            continue
        if path in agents.ASKED:  # known by the signature in the body alone
            assert page["paths"][f"/api/v1{path}"][method.lower()]["security"] == []
            continue
        operation = page["paths"][f"/api/v1{path}"][method.lower()]
        if path == POINT:  # made to be compared: for whoever is signed in
            assert operation["security"][0]["client"] == []
            continue
        (scope,) = operation["security"][0]["client"]
        refused = Asker.__new__(Asker)
        refused.company, refused.number = company, UNKNOWN
        without = tuple(SCOPES.keys() - {scope})
        made = gateway.create_client(
            actor=Actor.system("test"),
            name=f"no {path}",
            branch="HZ001",
            scopes=without,
            now=timezone.now(),
        )
        answer = company.http.post(
            "/api/v1/token",
            {
                "grant_type": "client_credentials",
                "client_id": made.client_id,
                "client_secret": made.client_secret,
            },
        )
        company.tokens["without"] = answer.json()["access_token"]
        said = refused.ask(path, client="without").json()
        assert (said["code"], said["details"]) == ("scope_missing", {"scope": scope}), path
