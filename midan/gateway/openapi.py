"""What the generated OpenAPI page cannot know by itself."""

from typing import Any, Final

from midan.gateway.schemas import Problem

PROBLEMS: Final[dict[Any, Any]] = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 500, 503), Problem)
_TEXT = {"type": "string", "minLength": 1}
ORDER: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "order_ref": {**_TEXT, "maxLength": 64},
        "sender_name": {**_TEXT, "maxLength": 80},
        "sender_phone": {**_TEXT, "maxLength": 40},
        "sender_address": {**_TEXT, "maxLength": 200},
        "recipient_name": {**_TEXT, "maxLength": 80},
        "recipient_phone": {**_TEXT, "maxLength": 40},
        "recipient_address": {**_TEXT, "maxLength": 200},
        "goods_name": {**_TEXT, "maxLength": 120},
        "goods_kind": {**_TEXT, "maxLength": 32},
        "quantity": {"type": "integer", "minimum": 1},
        "weight_g": {"type": "integer", "minimum": 1},
        "remark": {"type": "string", "maxLength": 200},
        "notice_version": {**_TEXT, "maxLength": 32},
    },
}
ORDER["required"] = list(ORDER["properties"])
ORDER_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ORDER}}}
}


def security() -> dict[str, Any]:
    """Return the security schemes: client credentials, or a browser session."""
    return {
        "components": {
            "securitySchemes": {
                "client": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/api/v1/token", "scopes": {}}},
                },
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            }
        },
        "security": [{"client": []}, {"session": []}],
    }
