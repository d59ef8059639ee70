"""Sensitive acts want a second factor shown within five minutes; anything else does not."""

import pytest
from django.test import Client
from django.urls import reverse

from midan.console.doors import FRESH
from midan.console.urls import urlpatterns
from tests.signing_in import sign_in

# Written out by hand, as the doors are: what turns keys, destroys, gives or ends somebody's access, or lets another do so.
ABOUT_SOMEBODY = {
    "grant-post",
    "revoke-post",
    "set-file",
    "review-person",
    "announce-leaving",
    "close-person",
    "make-link",
}
OF_CLIENTS = {"ask-client-scopes", "change-client", "client-device-code", "make-client", "rotate-client"}
OF_ACCESS = {"glass", "request-case", "request-policy", "review-glass"}
SENSITIVE = (
    ABOUT_SOMEBODY
    | OF_CLIENTS
    | OF_ACCESS
    | {
        "approve",
        "bind-device",
        "device-code",
        "request-rotation",
        "request-run",
        "roster",
        "sign-reminder",
        "take-roster",
    }
)
ROLE = dict.fromkeys((*ABOUT_SOMEBODY, "roster", "take-roster"), "hr") | dict.fromkeys(OF_CLIENTS, "sysadmin")
NAMED = (
    dict.fromkeys(("approve", "bind-device", "request-policy", "review-glass"), "0" * 16)
    | dict.fromkeys(ABOUT_SOMEBODY, "S99999")
    | dict.fromkeys(("ask-client-scopes", "change-client", "rotate-client"), "nobody")
)


def is_fresh(view):
    while view is not None:
        if getattr(view, FRESH, False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_exactly_the_sensitive_acts_ask_for_it():
    assert {pattern.name for pattern in urlpatterns if is_fresh(pattern.callback)} == SENSITIVE


@pytest.mark.parametrize("name", sorted(SENSITIVE))
@pytest.mark.parametrize(("ago", "asked"), [(0, False), (290, False), (310, True), (-60, True)])
def test_a_factor_older_than_five_minutes_or_from_the_future_is_asked_for_again(company, name, ago, asked):
    client = Client(SERVER_NAME="localhost")
    sign_in(client, ago=ago, role=ROLE.get(name, "privacy_officer"))
    address = reverse(f"console:{name}", args=[NAMED[name]] if name in NAMED else [])
    answer = client.post(address, headers={"referer": "http://localhost/approvals/"})
    led = (
        answer.status_code == 302
        and answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fapprovals%2F"
    )
    assert led is asked
    assert client.get("/duties/").status_code == 200


def test_the_way_back_is_one_of_our_pages(company):
    client = Client(SERVER_NAME="localhost")
    sign_in(client, ago=999, role="privacy_officer")
    answer = client.post(reverse("console:request-rotation"), headers={"referer": "https://evil.example/x"})
    assert answer["Location"].endswith("?next=%2F")
    part = client.post(reverse("console:request-rotation"), headers={"hx-request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (401, "/accounts/2fa/reauthenticate/?next=%2F")
