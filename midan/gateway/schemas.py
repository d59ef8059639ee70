"""Shapes of the API's questions and answers, for the OpenAPI page; values are checked by the areas themselves."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from midan.access.rules.views import TICKET_REASONS
from midan.catalog.rules import Purpose, ReasonCode
from midan.core.fields.document import LONGEST, DocumentKind
from midan.label.rules import REPRINT_REASONS
from midan.vault.rules import FIELD_PARTS

PERSONAL = sorted(FIELD_PARTS)

Event = Literal[
    "collected",
    "sorted",
    "departed",
    "arrived",
    "out_for_delivery",
    "attempt_failed",
    "at_station",
    "in_locker",
    "delivered",
    "returned",
    "exception",
]


class Strict(Schema):
    """Unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """The one shape of every answer that is not a success."""

    code: str
    message: str
    clause: str | None = None
    details: dict[str, Any]


class Contact(Schema):
    """One party, already masked."""

    name: str
    phone: str
    address: str


class Masked(Schema):
    """What may be shown of a waybill without a reveal."""

    sender: Contact
    recipient: Contact
    goods_name: str
    remark: str
    order_ref: str


class NewWaybill(Schema):
    """A sealed order."""

    waybill: str
    order_ref: str
    masked: Masked
    replayed: bool


class RowAnswer(Schema):
    """One row of a batch, in the order it was sent."""

    row: int
    outcome: Literal["accepted", "replayed", "rejected", "conflict"]
    waybill: str | None = None
    rejects: dict[str, str] = {}


class BatchAnswer(Schema):
    """Every row's outcome."""

    items: list[RowAnswer]
    accepted: int
    replayed: int
    rejected: int


class WaybillView(Schema):
    """A waybill as staff and integrators see it."""

    waybill: str
    status: str
    branch: str
    destination: str
    sorting_code: str
    goods_kind: str
    quantity: int
    weight_g: int
    created_at: str
    masked: Masked


class RevealQuestion(Strict):
    """Which fields, for which purpose and reason; the ticket where the post needs one."""

    fields: list[Annotated[str, Field(max_length=64, json_schema_extra={"enum": PERSONAL})]] = Field(
        min_length=1, max_length=len(PERSONAL)
    )
    purpose: str = Field(max_length=64, json_schema_extra={"enum": [str(purpose) for purpose in Purpose]})
    reason: str = Field(max_length=64, json_schema_extra={"enum": [str(reason) for reason in ReasonCode]})
    ticket: str = Field("", max_length=64)


class RevealAnswer(Schema):
    """The values, the log entry that stands for them, and when to forget them."""

    values: dict[str, str]
    entry_id: str
    expires_at: str


class SearchQuestion(Strict):
    """A personal key; it is never written to the log."""

    kind: Literal["phone", "phone_tail", "name_tail", "order_ref"]
    value: str = Field(min_length=1, max_length=128)
    name: str = Field("", max_length=80)
    branch: str = Field("", max_length=16)
    cursor: str = Field("", max_length=200)


class SearchAnswer(Schema):
    """Masked waybills; `next` is null on the last page."""

    items: list[WaybillView]
    next: str | None


class ScanQuestion(Strict):
    """One scan at the caller's branch; `station` is that branch or a station under it; of a departure, the next stop."""

    event: Event
    station: str = Field("", max_length=16)


class ScanAnswer(Schema):
    """The status after the scan; of a parcel nobody sent there, what was scanned.

    `pick_up_code` is what the customer is told, of a parcel that this scan put on a shelf, else ''.
    """

    waybill: str
    status: str
    recorded: bool
    pick_up_code: str


class RealNameQuestion(Strict):
    """The document the sender showed: its kind, and its number, which is never answered in clear."""

    kind: DocumentKind
    id_number: str = Field(min_length=1, max_length=LONGEST)


class RealNameAnswer(Schema):
    """What was recorded; the mask is for whoever sent the number."""

    waybill: str
    kind: str
    masked: str
    replayed: bool


class DeviceEnrolled(Schema):
    """`link` binds the browser it is opened in; it can be opened once, within fifteen minutes."""

    device: str
    link: str | None


class DeviceJudged(Schema):
    """Every point that fails, by name; `link` only where the report asked for one."""

    healthy: bool
    failing: list[str]
    link: str | None


class TicketQuestion(Strict):
    """A reason to look at one waybill."""

    waybill: str = Field(min_length=1, max_length=15)
    reason: str = Field(max_length=64, json_schema_extra={"enum": [str(reason) for reason in TICKET_REASONS]})


class TicketAnswer(Schema):
    """The code to quote in a reveal."""

    ticket: str
    expires_at: str


class CallQuestion(Strict):
    """Who calls whom: `phone` empty when the number is withheld. The agent is named by the header `Midan-Actor`."""

    call_id: str = Field(min_length=1, max_length=128)
    phone: str = Field(max_length=32)
    reason: str = Field(
        default="customer_asked",
        max_length=64,
        json_schema_extra={"enum": [str(reason) for reason in TICKET_REASONS]},
    )


class CallAnswer(TicketAnswer):
    """The ticket, and how many waybills of the caller's number it covers: 0 for a number nobody has."""

    waybills: int


LabelFormat = Literal["pdf", "png", "zpl", "tspl"]
LabelSize = Literal["76x130", "100x150", "100x180"]
LabelDpi = Literal["203", "300"]
# Named on the page, judged by the label's own rules: their refusal says which word was meant.
ReprintReason = Annotated[str, Field(json_schema_extra={"enum": ["", *REPRINT_REASONS]})]
