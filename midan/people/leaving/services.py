"""The verbs of leaving: announce, remind, receive what was lent, close everything. Each one transaction with its entry."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop

from midan.approval import services as approval
from midan.audit.services import record
from midan.core.actor import Actor
from midan.core.merkle.hashing import leaf_hash
from midan.devices import services as devices
from midan.people import selectors
from midan.people.errors import BadPost, CarrierSettled, HasLeft, NotKeeper, UnknownDeparture, WrongState
from midan.people.events import Act
from midan.people.leaving.closing import end_factors, end_sessions, end_tokens
from midan.people.leaving.rules import CarrierState, LeavingReason, Reminder, lent_to
from midan.people.models import Carrier, Departure, Staff
from midan.people.ownership.services import pass_on
from midan.people.posts.services import end, refuse_last
from midan.people.rules import Employment, StaffView
from midan.people.services import require_staff_keeper, someone_else

# What outlasts the post. Who signs, signs these very words: the entry holds their digest.
REMINDER_TEXT = gettext_noop(
    "离职后保密义务不终止：不得保留、复制、拍照、传播、出售或使用在职期间接触的客户信息；"
    "手中的纸质面单、设备、存储介质和账号已全部交回；发现客户信息泄露应立即告知公司。"
    "违反的依法承担责任，包括刑法第二百五十三条之一规定的侵犯公民个人信息罪。"
)


@transaction.atomic
def announce(*, actor: Actor, staff_no: str, reason: str, last_day: date, now: datetime) -> None:
    """Begin somebody's departure: from now on nothing opens for them, and what was lent to the post is listed to come back.

    Raise BadPost (reason), HasLeft, LastOfPost, WrongState when it has begun already, NotKeeper, SelfGrant.
    """
    row = someone_else(actor=actor, staff_no=staff_no)
    _begin(actor, row, reason=reason, last_day=last_day, now=now)


def _begin(actor: Actor, row: Staff, *, reason: str, last_day: date, now: datetime) -> Departure:
    if reason not in set(LeavingReason):
        raise BadPost("reason")
    if row.state == Employment.LEFT:
        raise HasLeft
    if Departure.objects.filter(staff=row).exists():
        raise WrongState(row.state)
    refuse_last(row)
    row.state = Employment.LEAVING
    row.save(update_fields=["state"])
    departure = Departure.objects.create(staff=row, reason=reason, last_day=last_day, opened_at=now)
    Carrier.objects.bulk_create(Carrier(departure=departure, kind=kind) for kind in lent_to(row.role))
    record(
        actor=actor,
        act=Act.LEAVING_ANNOUNCED,
        object=f"staff:{row.staff_no}",
        reason=reason,
        clause="M5",
        details={"last_day": last_day.isoformat()},
    )
    return departure


@transaction.atomic
def sign_reminder(*, actor: Actor, now: datetime) -> None:
    """Sign the reminder oneself, while one can still sign in; UnknownDeparture, WrongState when it was given already."""
    if actor.kind != "staff":
        raise NotKeeper(gettext_noop("员工名册"))
    _remind(actor, actor.name, Reminder.SIGNED, now)


@transaction.atomic
def record_reminder(*, actor: Actor, staff_no: str, how: str, now: datetime) -> None:
    """Write that the reminder was signed on paper, or that its signature was refused: said by the keeper, by name."""
    someone_else(actor=actor, staff_no=staff_no)
    if how not in {Reminder.ON_PAPER, Reminder.REFUSED}:
        raise BadPost("reminder")
    _remind(actor, staff_no, Reminder(how), now)


def _remind(actor: Actor, staff_no: str, how: Reminder, now: datetime) -> None:
    departure = _departure(staff_no)
    if departure.reminder:
        raise WrongState(departure.reminder)
    text = leaf_hash(REMINDER_TEXT.encode()).hex()
    departure.reminder, departure.reminder_text, departure.reminded_at = how, text, now
    departure.save(update_fields=["reminder", "reminder_text", "reminded_at"])
    record(
        actor=actor,
        act=Act.REMINDER_GIVEN,
        object=f"staff:{staff_no}",
        clause="M5",
        details={"how": how, "text": text},
    )


@transaction.atomic
def receive_carrier(*, actor: Actor, staff_no: str, kind: str, state: str, now: datetime) -> str:
    """Take one carrier back, or write that it was never lent; return the receipt: the entry that says so. CarrierSettled."""
    someone_else(actor=actor, staff_no=staff_no)
    if state not in {CarrierState.BACK, CarrierState.NEVER_LENT}:
        raise BadPost("state")
    rows = Carrier.objects.select_for_update().filter(departure=_departure(staff_no), kind=kind)
    carrier = rows.filter(state=CarrierState.OUT).first()
    if carrier is None:
        raise CarrierSettled
    receipt = record(
        actor=actor,
        act=Act.CARRIER_RECEIVED,
        object=f"staff:{staff_no}",
        clause="M5",
        details={"carrier": kind, "state": state},
    )
    carrier.state, carrier.received_by, carrier.received_at, carrier.receipt = (
        state,
        actor.name,
        now,
        receipt,
    )
    carrier.save()
    return receipt


@transaction.atomic
def close(*, actor: Actor, staff_no: str, reason: str, successor: str = "", now: datetime) -> StaffView:
    """Close everything of somebody in one act: account, password, sessions, tokens, factors, devices, post, requests.

    Requests and ownership go to the successor; without one the requests are withdrawn and what has no owner shows.
    Carriers and the reminder stay open until they are settled: the check names them. `reason` is for a departure nobody
    announced. Raise HasLeft, LastOfPost, NotKeeper, SelfGrant, UnknownStaff, BadPost.
    """
    row = someone_else(actor=actor, staff_no=staff_no)
    heir = _heir(row, successor)
    departure = Departure.objects.filter(staff=row).first()
    if departure is None:
        today = timezone.localdate(now)
        departure = _begin(actor, row, reason=reason, last_day=today, now=now)
    elif departure.closed_at is not None:
        raise HasLeft
    refuse_last(row)
    row.is_active, row.state = False, Employment.LEFT
    # A new unusable password also changes what every session of the old one is checked against.
    row.set_unusable_password()
    row.save(update_fields=["is_active", "state", "password"])
    end(row=row, now=now)
    counts = {
        "sessions": end_sessions(row.pk),
        "tokens": end_tokens(row.pk),
        "factors": end_factors(row.pk),
        "devices": devices.revoke_all(actor=actor, staff_no=staff_no, now=now),
        **_hand_over(actor, row, heir, now),
    }
    departure.closed_at, departure.successor = now, successor
    departure.save(update_fields=["closed_at", "successor"])
    record(
        actor=actor,
        act=Act.STAFF_LEFT,
        object=f"staff:{staff_no}",
        reason=departure.reason,
        clause="M5",
        details=counts | ({"successor": successor} if successor else {}),
    )
    return selectors.staff_view(row)


def _heir(row: Staff, successor: str) -> Staff | None:
    if not successor:
        return None
    heir = Staff.objects.filter(staff_no=successor, is_active=True, state=Employment.ACTIVE).first()
    if heir is None or heir.pk == row.pk:
        raise BadPost("successor")
    return heir


def _hand_over(actor: Actor, row: Staff, heir: Staff | None, now: datetime) -> dict[str, int]:
    gone = f"staff:{row.staff_no}"
    owned = pass_on(actor=actor, row=row, heir=heir, now=now) if heir is not None else 0
    handed, withdrawn = approval.hand_over(
        actor=actor,
        requester=gone,
        successor=f"staff:{heir.staff_no}" if heir else "",
        post=heir.role if heir else "",
        now=now,
    )
    withdrawn += approval.withdraw_concerning(actor=actor, person=gone, now=now)
    return {"owned": owned, "handed_over": handed, "withdrawn": withdrawn}


def _departure(staff_no: str) -> Departure:
    row = Departure.objects.select_for_update().filter(staff__staff_no=staff_no).first()
    if row is None:
        raise UnknownDeparture
    return row


def may_receive(actor: Actor) -> bool:
    """Return whether the actor keeps the register now: whose pages show what may be done."""
    try:
        require_staff_keeper(actor)
    except NotKeeper:
        return False
    return True
