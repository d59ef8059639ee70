"""Turn areas' values into the API's shapes: nothing is decided here."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from midan.access.rules.views import MaskedParty, MaskedWaybill
from midan.collection.services.intake import RowResult
from midan.core.errors import MidanError
from midan.gateway.errors import OrderConflict, OrderRefused, TooManyCalls
from midan.ui.saying import sentence
from midan.vault.selectors import MaskedContact, MaskedOrder

_NOBODY = {"name": "", "phone": "", "address": ""}


def problem(error: MidanError, _request: HttpRequest | None = None) -> JsonResponse:
    """Return the one error shape in the caller's language."""
    body = error.as_dict()
    body["message"] = sentence(error)
    answer = JsonResponse(
        body, status=error.status, json_dumps_params={"ensure_ascii": False, "default": str}
    )
    if error.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="midan"'
    if isinstance(error, TooManyCalls):
        answer["Retry-After"] = str(error.details["retry_after"])
    return answer


def narrowed(masked: dict[str, Any], sees: frozenset[str]) -> dict[str, Any]:
    """Return a masked order without the fields a client is not to see: they stand empty."""
    kept: dict[str, Any] = {}
    for name, value in masked.items():
        if isinstance(value, dict):
            kept[name] = {part: text if f"{name}_{part}" in sees else "" for part, text in value.items()}
        else:
            kept[name] = value if name in sees else ""
    return kept


def masked_order(order: MaskedOrder | None) -> dict[str, Any]:
    """Return the masked half of an answer; empty for an order replayed after its destruction."""
    if order is None:
        return {"sender": _NOBODY, "recipient": _NOBODY, "goods_name": "", "remark": "", "order_ref": ""}
    return {
        "sender": party(order.sender),
        "recipient": party(order.recipient),
        "goods_name": order.goods_name,
        "remark": order.remark,
        "order_ref": order.order_ref,
    }


def party(found: MaskedContact | MaskedParty | None) -> dict[str, str]:
    """Return one masked party; empty when it was destroyed."""
    return _NOBODY if found is None else {"name": found.name, "phone": found.phone, "address": found.address}


def waybill(view: MaskedWaybill, sees: frozenset[str]) -> dict[str, Any]:
    """Return a masked waybill with the fields the caller may see."""
    return {
        "waybill": view.number,
        "status": view.status,
        "branch": view.branch,
        "destination": view.destination,
        "sorting_code": view.sorting_code,
        "goods_kind": view.goods_kind,
        "quantity": view.quantity,
        "weight_g": view.weight_g,
        "created_at": view.created_at.isoformat(),
        "masked": narrowed(
            {
                "sender": party(view.sender),
                "recipient": party(view.recipient),
                "goods_name": view.goods_name,
                "remark": view.remark,
                "order_ref": view.order_ref,
            },
            sees,
        ),
    }


def row(result: RowResult, outcome: str) -> dict[str, Any]:
    """Return one row of a batch's answer; `outcome` is what it says, which a repetition says again."""
    return {
        "row": result.row,
        "outcome": outcome,
        "waybill": result.waybill or None,
        "rejects": rejects(result),
    }


def rejects(result: RowResult) -> dict[str, str]:
    """Return field → reason code."""
    return {reject.field: str(reject.code) for reject in result.rejects}


def refuse(result: RowResult) -> None:
    """Raise OrderRefused or OrderConflict when a single order did not become a waybill."""
    if result.outcome == "conflict":
        raise OrderConflict
    if result.outcome == "rejected":
        raise OrderRefused(rejects(result))
