"""Reads of access: masked views, budgets, tickets, explanations, policies and what others would answer."""

from midan.access.selectors.budgets import budgets, spent_today
from midan.access.selectors.consents import optional_uses
from midan.access.selectors.deliveries import Delivery, deliveries
from midan.access.selectors.explain import explain
from midan.access.selectors.masked import masked_page, masked_views, masked_waybill, visible
from midan.access.selectors.notes import NoteView, note_of
from midan.access.selectors.permitted import purposes_of
from midan.access.selectors.policies import book, in_force
from midan.access.selectors.tickets import tickets
from midan.access.selectors.whatif import what_if

__all__ = [
    "Delivery",
    "NoteView",
    "book",
    "budgets",
    "deliveries",
    "explain",
    "in_force",
    "masked_page",
    "masked_views",
    "masked_waybill",
    "note_of",
    "optional_uses",
    "purposes_of",
    "spent_today",
    "tickets",
    "visible",
    "what_if",
]
