"""Why somebody would be shown something, or not: every fact and every policy, without showing anything."""

from datetime import datetime

from django.utils import timezone

from midan.access.errors import BadQuestion
from midan.access.rules.views import Explanation
from midan.access.selectors.asked import known_fields
from midan.access.selectors.facts import Question, find_waybill, gather, known_asker
from midan.access.selectors.policies import in_force
from midan.core.actor import Actor


def explain(
    actor: Actor, waybill: str, field: str, purpose: str, *, now: datetime | None = None
) -> Explanation:
    """Return the answer as of now, assuming a fitting reason code and, for an agent, any open ticket of theirs.

    Assumed as well is that the person sits before a screen and has just shown the second factor.
    """
    if not known_fields([field]):
        raise BadQuestion("field")
    question = Question(
        number=waybill,
        fields=frozenset({field}),
        purpose=purpose,
        reason="",
        ticket="",
        now=now or timezone.now(),
        factor_age=0,
    )
    (facts,), known = gather(known_asker(actor), question, waybill=find_waybill(waybill))
    rules = in_force()
    return Explanation(
        facts=facts,
        verdict=rules.decide(facts),
        permits=rules.permits_for(facts),
        known=known,
        version=rules.version,
    )
