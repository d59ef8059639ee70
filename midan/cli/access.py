"""midan access: explain who may see what, without showing anything."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midan.catalog.rules import Purpose
from midan.config.start import ready
from midan.core.number import is_well_formed

if TYPE_CHECKING:
    from midan.access.rules.engine import Policy
    from midan.access.rules.views import Explanation
    from midan.access.rules.whatif import WhatIf

_ALL = 2**62
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


@app.command("what-if")
def what_if(
    draft: Annotated[Path, typer.Argument(help="Policies in Cedar, such as draft.cedar.")],
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days of the log to replay.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Replay past reveals under a draft: what it would have refused and newly allowed. Exit 1 for an unsound draft."""
    ready()
    from django.utils import timezone

    from midan.access import selectors
    from midan.access.rules.engine import PolicyBook
    from midan.access.selectors.policies import schema_text

    text, schema = _sound(draft, schema_text())
    found = selectors.what_if(PolicyBook.load(text, schema), days=days, now=timezone.now(), most=_ALL)
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return
    _show_change(found)


def _sound(draft: Path, schema: str) -> tuple[str, str]:
    """Return a draft that may be asked; everything wrong with it is said by line."""
    from midan.access.errors import DraftUnsound
    from midan.access.rules.drafts import problems

    try:
        text = draft.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(type(error).__name__, param_hint=str(draft)) from error
    if wrong := problems(text, schema):
        raise DraftUnsound(*(f"{draft.name}:{one.line}: {one.policy} {one.text}" for one in wrong))
    return text, schema


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
        "facts": asdict(facts.actor) | asdict(facts.work) | asdict(facts.lift) | parcel | ask,
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


def _show_change(found: "WhatIf") -> None:
    print(
        f"policies {found.version}  {found.replayed} of {found.asked} reveals of {found.days} days replayed"
    )
    if found.older or found.damaged:
        print(f"  not replayed: {found.older} without their facts, {found.damaged} whose facts were changed")
    for title, changed in (("newly refused", found.refused), ("newly allowed", found.allowed)):
        print(f"{title}: {changed.count}")
        for name, counts in (
            ("gate", changed.by_gate),
            ("post", changed.by_role),
            ("purpose", changed.by_purpose),
        ):
            for code, count in counts.items():
                print(f"  {name:<8} {code:<28} {count}")
        if changed.examples:
            print(f"  for example {', '.join(changed.examples)}")
