"""Verbs of access: reveal, search, tickets, consent on the phone."""

from midan.access.services.consents import give_consent, take_back_consent
from midan.access.services.looks import sweep_looks
from midan.access.services.reveal import reveal
from midan.access.services.search import search
from midan.access.services.tickets import close_ticket, open_ticket, sweep_tickets

__all__ = [
    "close_ticket",
    "give_consent",
    "open_ticket",
    "reveal",
    "search",
    "sweep_looks",
    "sweep_tickets",
    "take_back_consent",
]
