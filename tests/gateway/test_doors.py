"""Who gets through which door: routes by caller, default deny."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from midan.core.actor import Actor
from midan.gateway import services as gateway
from midan.label.models import Print
from tests.signing_in import sign_in

QUESTIONS = {
    "write": ("POST", "/waybills", "order"),
    "batch": ("POST", "/waybills/batch", "orders"),
    "read": ("GET", "/waybills/{no}", None),
    "reveal": (
        "POST",
        "/waybills/{no}/reveal",
        {"fields": ["recipient_phone"], "purpose": "customer_service", "reason": "customer_asked"},
    ),
    "search": ("POST", "/waybills/search", {"kind": "phone", "value": "16100005678"}),
    "scan": ("POST", "/waybills/{no}/scans", {"event": "collected"}),
    "ticket": ("POST", "/tickets", {"waybill": "{no}", "reason": "customer_asked"}),
    "checkpoint": ("GET", "/audit/checkpoint", None),
    "tile": ("GET", "/audit/tile/0/000", None),
    "label": ("GET", "/waybills/{no}/label", None),
}


def ask(company, what, number, **who):
    method, path, body = QUESTIONS[what]
    if body == "order":
        body = company.order(order_ref="D-1")
    elif body == "orders":
        body = [company.order(order_ref="D-1")]
    elif isinstance(body, dict):
        body = {
            key: value.replace("{no}", number) if isinstance(value, str) else value
            for key, value in body.items()
        }
    return company.call(method, path.replace("{no}", number), body, **who)


@pytest.mark.parametrize("what", QUESTIONS)
def test_nobody_gets_in_without_a_token(company, what):
    answer = ask(company, what, "MD0000000000000", client="")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("what", ["reveal", "search", "scan", "ticket"])
def test_a_client_alone_never_does_what_needs_a_person(company, what):
    answer = ask(company, what, company.send())
    assert (answer.status_code, answer.json()["code"]) == (403, "actor_refused")


@pytest.mark.parametrize("what", ["reveal", "search", "scan", "ticket", "tile", "label"])
def test_a_scope_the_client_lacks_is_refused(company, what):
    answer = ask(company, what, company.send(), client="shop", actor="agent")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize(
    ("actor", "reason"), [("S99999", "unknown"), ("leaver", "inactive"), ("stranger", "branch")]
)
def test_a_client_acts_only_for_people_in_service_of_its_own_branch(company, actor, reason):
    answer = ask(company, "search", company.send(), actor=actor)
    assert (answer.status_code, answer.json()["details"]["reason"]) == (403, reason)


def test_the_named_persons_own_gates_apply(company):
    number = company.send()
    denied = ask(company, "reveal", number, actor="courier").json()
    assert denied["code"] == "denied"
    assert denied["clause"]
    # A secret kept in a program is not worth the posts that see beyond one branch, nor those that see nothing.
    outside = ask(company, "reveal", number, actor="hr").json()
    assert (outside["code"], outside["details"]["reason"]) == ("actor_refused", "post")
    no_ticket = ask(company, "reveal", number, actor="agent")
    assert no_ticket.status_code == 403
    assert no_ticket.json()["clause"]


def test_an_agent_with_a_ticket_sees_one_field_and_the_log_has_it_first(company):
    from midan.audit import selectors as audit

    number = company.send()
    ticket = ask(company, "ticket", number, actor="agent").json()["ticket"]
    method, path, body = QUESTIONS["reveal"]
    answer = company.call(method, path.replace("{no}", number), body | {"ticket": ticket}, actor="agent")
    assert answer.status_code == 200, answer.content
    assert answer.json()["values"] == {"recipient_phone": "16100005678"}
    entry = audit.entry(answer.json()["entry_id"])
    assert entry.entry.act == "access:part:revealed"
    assert entry.entry.object == f"waybill:{number}"
    assert b"16100005678" not in entry.entry.to_bytes()


def test_a_search_answers_with_masks_and_never_with_the_value(company):
    company.send()
    answer = ask(company, "search", "", actor="agent")
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1
    assert "16100005678" not in answer.content.decode()


def test_the_log_names_the_address_our_proxy_saw(company, monkeypatch):
    from midan.audit import selectors as audit
    from midan.audit.selectors import EntryFilter

    number = company.send()
    monkeypatch.setenv("MIDAN_TRUSTED_PROXIES", "1")
    company.http.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.5, 198.51.100.7"
    assert ask(company, "scan", number, actor="courier").status_code == 200
    newest = audit.entries(EntryFilter(act="waybill:scan:recorded"), limit=1).items[0]
    assert newest.entry.address == "198.51.100.7"


def test_a_scan_names_a_place_of_the_company_or_is_refused_without_repeating_it(company):
    number = company.send()
    for station in ("13800138000", "HZ002", "欧阳小禾"):
        refused = company.call(
            "POST", f"/waybills/{number}/scans", {"event": "collected", "station": station}, actor="courier"
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "scan_refused")
        assert refused.json()["details"] == {"event": "collected", "reason": "station_unknown"}
        assert station not in refused.content.decode()
    taken = company.call(
        "POST", f"/waybills/{number}/scans", {"event": "collected", "station": "HZ101"}, actor="courier"
    )
    assert taken.status_code == 200


def test_a_scan_moves_the_parcel_and_a_wrong_event_is_refused(company):
    number = company.send()
    assert ask(company, "scan", number, actor="courier").json()["status"] == "collected"
    wrong = company.call("POST", f"/waybills/{number}/scans", {"event": "vanished"}, actor="courier")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "malformed_body")


def test_a_revoked_client_is_out_at_once(company):
    gateway.revoke_client(actor=Actor.system("test"), name="hall")
    assert ask(company, "read", "MD0000000000000").status_code == 401


def test_a_session_without_its_csrf_token_writes_nothing(company):
    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    sign_in(browser, username="agent")
    number = company.send()
    assert browser.get(f"/api/v1/waybills/{number}").status_code == 200
    refused = browser.post(
        "/api/v1/waybills/search", '{"kind":"phone","value":"16100005678"}', content_type="application/json"
    )
    assert refused.status_code == 401


def test_a_session_prints_by_the_consoles_form_and_never_by_opening_an_address(company):
    number = company.send()
    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    sign_in(browser, username="manager")
    for ask in (browser.get, browser.head):
        answer = ask(f"/api/v1/waybills/{number}/label")
        assert answer.status_code in {403, 405}
    assert browser.get(f"/api/v1/waybills/{number}/label").json()["code"] == "token_needed"
    assert browser.post(f"/waybills/{number}/print", {"reason": "first_print"}).status_code == 403
    assert not Print.objects.exists()
    assert ask_label(company, number).status_code == 200
    assert Print.objects.count() == 1


def ask_label(company, number):
    return company.call("GET", f"/waybills/{number}/label", client="hall", actor="courier")


def test_a_session_without_a_second_factor_is_nobody_to_the_api(company):
    number = company.send()
    for second_factor, status in ((False, 401), (True, 200)):
        browser = Client(SERVER_NAME="localhost")
        sign_in(browser, second_factor=second_factor, username="agent")
        assert browser.get(f"/api/v1/waybills/{number}").status_code == status
        answer = browser.post(
            "/api/v1/tickets",
            {"waybill": number, "reason": "customer_asked"},
            content_type="application/json",
        )
        assert answer.status_code == (201 if second_factor else 401)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/token", b"a=b&" * 800_000, 413, "body_too_large"),
        ("POST", "/token", b"&".join(b"f%d=" % n for n in range(2_000)), 413, "body_too_large"),
        ("GET", "/token", b"", 405, "method_not_allowed"),
        ("DELETE", "/waybills", b"", 405, "method_not_allowed"),
        ("POST", "/nothing", b"x" * 3_000_000, 404, "not_found"),
    ],
)
def test_outside_the_api_library_refusals_have_the_same_shape(company, method, path, body, status, code):
    answer = company.http.generic(
        method, f"/api/v1{path}", body, content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert set(answer.json()) == {"code", "message", "clause", "details"}
    assert answer.json()["code"] == code
    assert answer.has_header("Allow") == (status == 405)


@pytest.mark.parametrize(
    "grant", ["", "password", "authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]
)
def test_tokens_are_for_client_credentials_only(company, grant):
    answer = company.http.post("/api/v1/token", {"grant_type": grant, "username": "agent"})
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


def refused_tokens():
    from midan.audit import selectors as audit
    from midan.audit.selectors import EntryFilter

    return [view.entry for view in audit.entries(EntryFilter(act="gateway:token:refused")).items]


@pytest.fixture
def credentials(company):
    cache.clear()
    made = gateway.create_client(
        actor=Actor.system("test"), name="tried", branch="HZ001", scopes=["audit:read"], now=timezone.now()
    )
    return made.client_id, made.client_secret


def ask_token(company, client_id, secret, address="198.51.100.7"):
    return company.http.post(
        "/api/v1/token",
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret},
        REMOTE_ADDR=address,
    )


def test_tries_for_a_token_in_vain_are_logged_and_limited_and_good_ones_count_nothing(company, credentials):
    client_id, secret = credentials
    for _ in range(12):
        assert ask_token(company, client_id, secret).status_code == 200
    answers = [ask_token(company, client_id, "guess").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert ask_token(company, client_id, secret).json() == {"error": "too_many_requests"}
    # Elsewhere the client works on: whoever knows its name cannot shut it out.
    assert ask_token(company, client_id, secret, "198.51.100.8").status_code == 200
    entries = refused_tokens()
    assert len(entries) == answers.count(401)
    assert {(entry.object, entry.outcome, entry.address, entry.details["why"]) for entry in entries} == {
        (f"client:{client_id}", "denied", "198.51.100.7", "invalid_client")
    }


def test_one_address_tries_fifty_names_and_none_of_them_is_written(company, credentials):
    answers = [ask_token(company, f"1380013{place:04d}", "guess").status_code for place in range(51)]
    assert answers == [401] * 50 + [429]
    assert {entry.object for entry in refused_tokens()} == {"client:unknown"}
    assert not any(b"1380013" in entry.to_bytes() for entry in refused_tokens())
    # A program beside the guesser works on.
    assert ask_token(company, *credentials).status_code == 200


def test_tokens_are_kept_as_checksums_only(company):
    from oauth2_provider.models import AccessToken

    kept = AccessToken.objects.values_list("token", flat=True)
    assert len(kept) == len(company.tokens)
    assert set(kept) == {""}
    assert company.call("GET", "/audit/checkpoint").status_code in {200, 404}


def test_an_unknown_path_says_so_in_the_one_shape(company):
    answer = company.call("GET", "/audit/tile/../../etc/passwd")
    assert answer.status_code in {400, 404}
    assert set(answer.json()) == {"code", "message", "clause", "details"}


def test_the_log_is_read_by_tiles_up_to_its_signed_size_and_no_further(company):
    from datetime import datetime

    from midan.audit import services as audit
    from midan.core.merkle import fold
    from midan.core.merkle.tiles import tile_hashes

    company.send()
    point = audit.integrate(now=datetime.now().astimezone())
    text = company.call("GET", "/audit/checkpoint").content.decode()
    assert f"\n{point.size}\n" in text
    tile = company.call("GET", f"/audit/tile/0/000.p/{point.size}")
    assert tile.status_code == 200
    assert fold(tile_hashes(tile.content, width=point.size)) == point.root
    assert company.call("GET", f"/audit/tile/0/000.p/{point.size + 1}").status_code == 404
    assert company.call("GET", "/audit/tile/0/7").status_code == 400
