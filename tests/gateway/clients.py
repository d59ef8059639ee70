"""Keep clients as a test needs them: changed, and with a token of their own."""

from django.utils import timezone

from midan.core.actor import Actor
from midan.gateway import selectors, services
from midan.gateway.models import Client
from midan.gateway.rules import FIELDS, Limits

SYSTEM = Actor.system("test")


def client_id(name):
    return Client.objects.get(name=name).application.client_id


def change(name, *, writes=FIELDS, sees=FIELDS, **limits):
    services.change_client(
        actor=SYSTEM,
        client_id=client_id(name),
        limits=Limits(**limits),
        writes=writes,
        sees=sees,
        now=timezone.now(),
    )


def view(name):
    return selectors.client(client_id(name))


def token_answer(http, identity, secret, **headers):
    return http.post(
        "/api/v1/token",
        {"grant_type": "client_credentials", "client_id": identity, "client_secret": secret},
        **headers,
    )


def entries(act):
    from midan.audit import selectors as audit
    from midan.audit.selectors import EntryFilter

    return [found.entry for found in audit.entries(EntryFilter(act=act)).items]
