"""docs/reference/api.md: scopes, routes and what each answers, from the OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from midan.gateway.api import api
from midan.gateway.openapi import KEYS
from midan.gateway.rules import SCOPES
from refpages.text import code, table

PREFIX = "/api/v1"
# What every route refuses alike that touches sealed data or its keys; one row says it for all of them.
VAULT = frozenset(kind.code for kind in KEYS)


class Route(NamedTuple):
    """One way to ask."""

    verb: str
    path: str
    said: Mapping[str, Any]
    schemas: Mapping[str, Any]

    @property
    def scope(self) -> str:
        """Return the scope a client needs, '' for none."""
        named = [one["client"] for one in self.said.get("security", []) if one.get("client")]
        return str(named[0][0]) if named else ""

    @property
    def person(self) -> str:
        """Return whether a client has to name a person: 'yes', 'may', or '' where there is no such header."""
        header = [one for one in self.said.get("parameters", []) if one["name"] == "Midan-Actor"]
        return ("yes" if header[0]["required"] else "may") if header else ""

    @property
    def refusals(self) -> dict[str, list[str]]:
        """Return status → codes, statuses ascending."""
        found = {str(status): answer for status, answer in self.said["responses"].items()}
        return {
            status: found[status].get("description", "").split(", ")
            for status in sorted(found)
            if status >= "400"
        }


def routes() -> list[Route]:
    """Return every route of the document."""
    document = api.get_openapi_schema()
    schemas = document["components"]["schemas"]
    return [
        Route(verb.upper(), path, said, schemas)
        for path, verbs in document["paths"].items()
        for verb, said in verbs.items()
    ]


def tables() -> dict[str, str]:
    """Return the page's blocks."""
    found = routes()
    common = _common(found)
    return {
        "scopes": table(
            ("scope", "allows", "routes"),
            [
                (f"`{name}`", says, "; ".join(code([_short(one)]) for one in found if one.scope == name))
                for name, says in SCOPES.items()
            ],
        ),
        "common": table(
            ("status", "codes", "where"),
            [
                *((status, code(codes), "every route with a scope") for status, codes in common.items()),
                ("503", code(sorted(VAULT)), "every route that says *the vault's* below"),
            ],
        ),
        "routes": "\n\n".join(_route(one, common) for one in found),
    }


def _short(route: Route) -> str:
    return f"{route.verb} {route.path.removeprefix(PREFIX)}"


def _common(found: list[Route]) -> dict[str, list[str]]:
    """Return the refusals that every route with a scope has."""
    scoped = [one.refusals for one in found if one.scope]
    shared: dict[str, list[str]] = {}
    for status, codes in scoped[0].items():
        everywhere = [word for word in codes if all(word in other.get(status, ()) for other in scoped)]
        if everywhere:
            shared[status] = everywhere
    return shared


def _route(route: Route, common: Mapping[str, list[str]]) -> str:
    lines = [f"### {_short(route)}", " ".join(_sentences(route)), ""]
    rows = list(_successes(route))
    for status, codes in route.refusals.items():
        own = [word for word in codes if not (route.scope and word in common.get(status, ()))]
        if set(own) >= VAULT:
            own = [word for word in own if word not in VAULT]
            rows.append((status, ", ".join([*(f"`{word}`" for word in own), "*the vault's*"])))
        elif own:
            rows.append((status, code(own)))
    return "\n".join([*lines, table(("status", "answer"), rows)])


def _sentences(route: Route) -> Iterator[str]:
    summary, description = route.said.get("summary", ""), route.said.get("description", "")
    # The library makes a summary of the function's name where none was written.
    if len(summary.split()) > 1 and summary.title() != summary:
        yield summary + ("" if summary.endswith(".") else ".")
    if description:
        yield " ".join(description.split())
    if route.scope:
        yield f"Scope `{route.scope}`."
    if route.person == "yes":
        yield "A client names the person it asks for."
    asked = [
        f"`{one['name']}`" + ("" if one.get("required") else "?")
        for one in route.said.get("parameters", [])
        if one["in"] == "query"
    ]
    if asked:
        yield f"Query: {', '.join(asked)}."
    if "requestBody" in route.said:
        yield f"Body: {_body(route)}."


def _body(route: Route) -> str:
    (kind, content), *_ = route.said["requestBody"]["content"].items()
    members = _members(content["schema"], route.schemas)
    return members if kind == "application/json" else f"a form of {members}"


def _successes(route: Route) -> Iterator[tuple[str, str]]:
    for status, answer in sorted(route.said["responses"].items(), key=lambda one: str(one[0])):
        if str(status) < "400":
            content = answer.get("content", {})
            kinds = [kind for kind in content if kind != "application/json"]
            shown = code(kinds) if kinds else _members(content["application/json"]["schema"], route.schemas)
            yield str(status), shown


def _members(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return the names of an object's members, a `?` behind those that may be missing."""
    if "$ref" in schema:
        return _members(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return _members(schema["anyOf"][0], schemas)
    if schema.get("type") == "array":
        return f"a list of {_members(schema['items'], schemas)}"
    needed = set(schema.get("required", ()))
    names = [f"`{name}`" + ("" if name in needed else "?") for name in schema.get("properties", {})]
    return ", ".join(names) or f"`{schema.get('type', 'object')}`"
