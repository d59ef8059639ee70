"""What the API's OpenAPI page says of an answer: every call of these tests is held against it."""

import re
from functools import cache
from typing import Any

from midan.gateway.api import api


@cache
def operations() -> dict[tuple[str, str], dict[Any, Any]]:
    """Return (method, path) → the answers it documents."""
    return {
        (method.upper(), path.removeprefix("/api/v1")): operation["responses"]
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


def operation_of(method: str, path: str) -> tuple[str, str] | None:
    """Return the operation an address belongs to: words before places, None for an address the page has not."""
    plain = path.split("?", maxsplit=1)[0]
    for known in sorted(operations(), key=lambda found: "{" in found[1]):
        pattern = re.sub(r"\\\{place\\\}", ".+", re.sub(r"\\\{number\\\}", "[^/]+", re.escape(known[1])))
        if known[0] == method and re.fullmatch(pattern, plain):
            return known
    return None


def hold_against_the_page(method: str, path: str, answer: Any) -> None:
    """Fail when an answer's status, type or code is not what the page promises of that route."""
    operation = operation_of(method, path)
    if operation is None:
        return
    said = operations()[operation].get(answer.status_code)
    assert said is not None, f"{operation} answered {answer.status_code}, which its page does not know"
    kind = answer.get("Content-Type", "").split(";")[0]
    assert kind in said["content"], f"{operation} answered {kind}"
    for name, header in said.get("headers", {}).items():
        assert answer.has_header(name) or not header["required"], f"{operation} answered without {name}"
    if answer.status_code >= 400:
        schema = said["content"]["application/json"]["schema"]
        body = answer.json()
        name = "error" if "error" in schema["properties"] else "code"
        assert body[name] in schema["properties"][name]["enum"], f"{operation} answered {body[name]}"
