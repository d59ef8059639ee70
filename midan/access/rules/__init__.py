"""Pure decisions: the facts, the policies that weigh them, the day's budgets, who may search by what."""

from midan.access.rules.engine import Policy, PolicyBook, Verdict
from midan.access.rules.facts import ActorFacts, AskFacts, Facts, LiftFacts, ParcelFacts
from midan.access.rules.work import WorkFacts

__all__ = [
    "ActorFacts",
    "AskFacts",
    "Facts",
    "LiftFacts",
    "ParcelFacts",
    "Policy",
    "PolicyBook",
    "Verdict",
    "WorkFacts",
]
