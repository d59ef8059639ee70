"""Verbs of access: reveal, search, tickets, consent on the phone, broken glass, cases, policies."""

from midan.access.services.calls import Signed, forget_calls, signing_key, take_call
from midan.access.services.cases import close_case, open_agreed_cases, papers, request_case
from midan.access.services.consents import give_consent, take_back_consent
from midan.access.services.glass import break_glass, review_glass
from midan.access.services.looks import sweep_looks
from midan.access.services.policies import publish_agreed, request_publication, save_draft
from midan.access.services.reveal import reveal
from midan.access.services.search import search
from midan.access.services.shelf import find_by_code
from midan.access.services.tickets import close_ticket, open_ticket, sweep_tickets

__all__ = [
    "Signed",
    "break_glass",
    "close_case",
    "close_ticket",
    "find_by_code",
    "forget_calls",
    "give_consent",
    "open_agreed_cases",
    "open_ticket",
    "papers",
    "publish_agreed",
    "request_case",
    "request_publication",
    "reveal",
    "review_glass",
    "save_draft",
    "search",
    "signing_key",
    "sweep_looks",
    "sweep_tickets",
    "take_back_consent",
    "take_call",
]
