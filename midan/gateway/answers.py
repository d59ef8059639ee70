"""Turn areas' values into the API's shapes: nothing is decided here."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from midan.access.rules.views import MaskedParty, MaskedWaybill
from midan.collection.services.intake import RowResult
from midan.core.errors import MidanError
from midan.gateway.errors import OrderConflict, OrderRefused
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
    return answer


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


def waybill(view: MaskedWaybill) -> dict[str, Any]:
    """Return a masked waybill."""
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
        "masked": {
            "sender": party(view.sender),
            "recipient": party(view.recipient),
            "goods_name": view.goods_name,
            "remark": view.remark,
            "order_ref": view.order_ref,
        },
    }


def row(result: RowResult) -> dict[str, Any]:
    """Return one row of a batch's answer."""
    return {
        "row": result.row,
        "outcome": str(result.outcome),
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
