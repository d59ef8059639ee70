"""midan access: explain who may see what, without showing anything."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midan.catalog.rules import Purpose
from midan.config.start import ready
from midan.core.number import is_well_formed

if TYPE_CHECKING:
    from midan.access.rules.engine import Policy
    from midan.access.rules.views import Explanation

app = typer.Typer(help="Explain who may see what.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def access() -> None:
    """Explain who may see what."""


@app.command()
def explain(
    staff: Annotated[str, typer.Argument(help="Staff number, such as S00017.")],
    waybill: Annotated[str, typer.Argument(help="Waybill number.")],
    field: Annotated[str, typer.Argument(help="Field, such as recipient_address.")],
    purpose: Annotated[str, typer.Argument(help="Purpose, such as deliver.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the decision as of now, every fact it looked at and every policy that fired. Exit 0 either way."""
    ready()
    from django.utils import timezone

    from midan.access import selectors
    from midan.core.actor import Actor
    from midan.devices.selectors import best_of
    from midan.people.selectors import staff as find_staff

    person = find_staff(staff)
    now = timezone.now()
    actor = Actor(
        kind="staff",
        name=person.staff_no,
        role=person.role,
        branch=person.branch,
        device=best_of(staff_no=person.staff_no, branch=person.branch, now=now),
    )
    answer = _plain(selectors.explain(actor, waybill, field, purpose, now=now))
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    _show(answer)


def _plain(explanation: "Explanation") -> dict[str, Any]:
    decision = explanation.verdict.decision
    facts = explanation.facts
    parcel, ask = asdict(facts.parcel), asdict(facts.ask)
    # Whatever was typed in place of a number or a purpose, perhaps a phone, is not repeated.
    if not is_well_formed(facts.parcel.number):
        parcel["number"] = ""
    if facts.ask.purpose not in set(Purpose):
        ask["purpose"] = ""
    return {
        "decision": type(decision).__name__.lower(),
        "clause": decision.clause,
        "reason": decision.reason.value,
        "facts": asdict(facts.actor) | parcel | ask,
        "fired": [_policy(policy) for policy in explanation.verdict.fired],
        "permits_that_fit": [policy.id for policy in explanation.permits],
        "waybill_visible": explanation.known,
        "policy_version": explanation.version,
    }


def _policy(policy: "Policy") -> dict[str, str]:
    return {
        "id": policy.id,
        "effect": policy.effect,
        "clause": policy.clause,
        "reason": policy.reason.value,
        "otherwise": policy.otherwise,
    }


def _show(answer: dict[str, Any]) -> None:
    print(f"{answer['decision']}  {answer['clause']} {answer['reason']}")
    for policy in answer["fired"]:
        print(f"  {policy['effect']:<7} {policy['id']:<28} {policy['clause']:<5} {policy['reason']}")
    print(f"permits that fit: {', '.join(answer['permits_that_fit']) or '-'}")
    print(f"waybill visible: {answer['waybill_visible']}  policies: {answer['policy_version']}")
    for name, value in answer["facts"].items():
        print(f"  {name:<20} {value}")
