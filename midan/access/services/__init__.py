"""Verbs of access: reveal, search, tickets, consent on the phone."""

from midan.access.services.calls import Signed, forget_calls, signing_key, take_call
from midan.access.services.consents import give_consent, take_back_consent
from midan.access.services.reveal import reveal
from midan.access.services.search import search
from midan.access.services.shelf import find_by_code
from midan.access.services.tickets import close_ticket, open_ticket, sweep_tickets

__all__ = [
    "Signed",
    "close_ticket",
    "find_by_code",
    "forget_calls",
    "give_consent",
    "open_ticket",
    "reveal",
    "search",
    "signing_key",
    "sweep_tickets",
    "take_back_consent",
    "take_call",
]
