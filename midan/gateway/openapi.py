"""What the generated OpenAPI page cannot know by itself: who may ask, what each route refuses, the token endpoint.

A route names the errors it can answer with; statuses, codes and descriptions follow from them, so that the page
says what the code says. Statuses of 500 are faults, not answers: none is promised.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from ninja import NinjaAPI

from midan.access.errors import PoliciesUnsound
from midan.collection.errors import UnknownBranch
from midan.collection.rules import COLUMNS, LONGEST, MAY_BE_EMPTY, MOST
from midan.core.errors import MidanError
from midan.gateway.bodies import MOST_ROWS
from midan.gateway.errors import (
    ActorRefused,
    AddressRefused,
    CertificateRefused,
    MalformedBody,
    NotSignedIn,
    ScopeMissing,
    TooManyCalls,
)
from midan.gateway.rules import SCOPES
from midan.gateway.schemas import Problem
from midan.store.errors import StorageFailed, StorageFull
from midan.vault.errors import (
    BlockRefused,
    EpochDestroyed,
    EpochFull,
    GrantRefused,
    OpeningsLimited,
    PartGone,
    StateDamaged,
    VaultLocked,
    VaultNotInitialised,
)

Kinds = tuple[type[MidanError], ...]
WHO: Final[Kinds] = (
    NotSignedIn,
    CertificateRefused,
    AddressRefused,
    ScopeMissing,
    ActorRefused,
    TooManyCalls,
)
# Reads are logged too: a full disk refuses them.
KEYS: Final[Kinds] = (VaultLocked, VaultNotInitialised, StateDamaged, StorageFull, StorageFailed)
SEALING: Final[Kinds] = (
    *KEYS,
    MalformedBody,
    UnknownBranch,
    BlockRefused,
    EpochFull,
    EpochDestroyed,
)
OPENING: Final[Kinds] = (*KEYS, MalformedBody, GrantRefused, OpeningsLimited)
REVEALING: Final[Kinds] = (*OPENING, PartGone, PoliciesUnsound)
# One record is sealed, or one that was is compared.
RECORDING: Final[Kinds] = (*OPENING, BlockRefused, EpochFull, EpochDestroyed, PartGone)


def _member(name: str) -> dict[str, Any]:
    """Return the shape of one field of an order, with the limits that intake keeps."""
    if name in MOST:
        return {"type": "integer", "minimum": 1, "maximum": MOST[name]}
    least = {} if name in MAY_BE_EMPTY else {"minLength": 1}
    return {"type": "string", "maxLength": LONGEST[name], **least}


ORDER: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: _member(name) for name in COLUMNS},
}
ORDER["required"] = list(ORDER["properties"])
# A row that is no good order is refused in its own place of the answer, and hinders no other.
ROW: Final[dict[str, Any]] = {"anyOf": [ORDER, {"type": "object", "description": "answered `rejected`"}]}
ROWS: Final[dict[str, Any]] = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": ROW}

# specs/device-report.md
_SIGNED: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["statement", "signature"],
    "properties": {
        "statement": {"type": "string", "maxLength": 4096},
        "signature": {"type": "string", "maxLength": 200},
    },
}

_TOKEN: Final[dict[str, Any]] = {
    "operationId": "token",
    "summary": "Get an access token for a client's own scopes",
    "description": "OAuth 2.0 client credentials (RFC 6749 section 4.4). Its refusals have the shape of section 5.2.",
    "security": [],
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_id", "client_secret"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string", "format": "password"},
                        "scope": {"type": "string", "description": "Fewer scopes than the client has."},
                    },
                }
            }
        },
    },
}
_GIVEN: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": {"type": "string"},
        "token_type": {"type": "string", "enum": ["Bearer"]},
        "expires_in": {"type": "integer"},
        "scope": {"type": "string"},
    },
}
# RFC 6749 section 5.2: 401 for a client that is not the one it says it is, 400 for the rest; 429 is our own.
_OAUTH: Final = {
    400: ("invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type"),
    401: ("invalid_client",),
    429: ("too_many_requests",),
}


_KEY: Final[dict[str, Any]] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same body is answered as before, for 24 hours; with another it is a conflict.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}


def route(  # noqa: PLR0913  what the page says of one
    scope: str,
    successes: Mapping[int, Any],
    *refusals: type[MidanError],
    person: bool = False,
    files: tuple[str, ...] = (),
    body: Mapping[str, Any] | None = None,
    keyed: bool = False,
) -> dict[str, Any]:
    """Return what a route tells the library: its scope, '' for any, its answers, whether a person must be behind it.

    `keyed` routes take an Idempotency-Key.
    """
    codes: defaultdict[int, set[str]] = defaultdict(set)
    who = WHO if scope else tuple(kind for kind in WHO if kind is not ScopeMissing)
    for kind in (*who, *refusals):
        codes[kind.status].add(kind.code)
    extra: dict[str, Any] = {
        "security": [{"client": [scope] if scope else []}, {"session": []}],
        "parameters": [_actor(needed=person), *([_KEY] if keyed else [])],
        "responses": {status: _refusal(status, sorted(found)) for status, found in codes.items()},
    }
    if files:
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in files}
        extra["responses"][200] = {"content": content}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return {"response": {**successes, **dict.fromkeys(codes, Problem)}, "openapi_extra": extra}


def signed_route(successes: Mapping[int, Any], *refusals: type[MidanError]) -> dict[str, Any]:
    """Return what a route tells the library whose caller is known by the signature in its body alone."""
    codes: defaultdict[int, set[str]] = defaultdict(set)
    for kind in refusals:
        codes[kind.status].add(kind.code)
    extra: dict[str, Any] = {
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _SIGNED}}},
        "responses": {status: _refusal(status, sorted(found)) for status, found in codes.items()},
    }
    return {"response": {**successes, **dict.fromkeys(codes, Problem)}, "openapi_extra": extra}


def _refusal(status: int, codes: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "description": ", ".join(codes),
        "content": {"application/json": {"schema": {"properties": {"code": {"enum": codes}}}}},
    }
    if status == 401:
        said["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    if status == 429:
        said["headers"] = {"Retry-After": {"required": False, "schema": {"type": "string"}}}
    return said


def _actor(*, needed: bool) -> dict[str, Any]:
    said = (
        "Staff number of the person a client asks for; that person's own gates apply, and the log names both."
    )
    return {
        "in": "header",
        "name": "Midan-Actor",
        "required": needed,
        "description": f"{said} A browser session is a person already and sends none.",
        "schema": {"type": "string", "pattern": "^S[0-9]{5,}$"},
    }


class DocumentedAPI(NinjaAPI):
    """The library's page, completed."""

    def get_openapi_schema(self, **where: Any) -> Any:
        """Return the page with the token endpoint and the ways to sign in."""
        page = super().get_openapi_schema(**where)
        prefix = next(iter(page["paths"])).removesuffix("/waybills")
        page["paths"][f"{prefix}/token"] = {"post": _token()}
        page["components"]["securitySchemes"] = {
            "client": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": f"{prefix}/token", "scopes": dict(SCOPES)}},
            },
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        }
        return page


def _token() -> dict[str, Any]:
    refused = _refusal(413, ["body_too_large"])
    refused["content"]["application/json"]["schema"]["$ref"] = "#/components/schemas/Problem"
    answers: dict[int, Any] = {
        200: {"description": "a token", "content": {"application/json": {"schema": _GIVEN}}},
        413: refused,
    }
    for status, codes in _OAUTH.items():
        shape = {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"enum": list(codes)}, "error_description": {"type": "string"}},
        }
        answers[status] = {
            "description": ", ".join(codes),
            "content": {"application/json": {"schema": shape}},
        }
    return {**_TOKEN, "responses": answers}
