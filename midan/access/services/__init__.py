"""Verbs of access: reveal, search, tickets."""

from midan.access.services.reveal import reveal
from midan.access.services.search import search
from midan.access.services.tickets import close_ticket, open_ticket, sweep_tickets

__all__ = ["close_ticket", "open_ticket", "reveal", "search", "sweep_tickets"]
