"""Verbs: keep API clients, give them what two persons agreed to, write down who was refused."""

from midan.gateway.services.clients import (
    NewClient,
    change_client,
    create_client,
    drop_token,
    note_token,
    revoke_client,
    rotate_secret,
)
from midan.gateway.services.granting import ask_for_scopes, grant_agreed
from midan.gateway.services.refusals import refuse_actor, refuse_call, refuse_token

__all__ = [
    "NewClient",
    "ask_for_scopes",
    "change_client",
    "create_client",
    "drop_token",
    "grant_agreed",
    "note_token",
    "refuse_actor",
    "refuse_call",
    "refuse_token",
    "revoke_client",
    "rotate_secret",
]
