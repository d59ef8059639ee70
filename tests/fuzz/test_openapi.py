"""The API keeps what its OpenAPI page promises, whatever it is sent: schemathesis with real tokens and a person."""

from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from midan.gateway.api import api
from tests.gateway.conftest import company  # the fixture itself: pytest finds it by this name

__all__ = ["company"]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
PAGE = api.get_openapi_schema()
OPERATIONS = [
    (method, path) for path, methods in PAGE["paths"].items() for method in methods if method != "parameters"
]
# As many as fit: the whole file stays within a minute on two cores.
EXAMPLES = 15
ACTORS = ["agent", "courier", "manager", "hr", "", "S99999", "\u00fc"]
FITTING, UNFITTING = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def fuzz(company, number: str, method: str, path: str, mode: GenerationMode) -> list[int]:
    """Send generated requests to one operation and return the statuses; raise when an answer is undocumented."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operation = schema[path][method.upper()]
    statuses: list[int] = []

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=mode),
        real=st.booleans(),
        actor=st.sampled_from(ACTORS),
        client=st.sampled_from(["hall", "hall", "hall", "shop", "other"]),
    )
    def ask(case: Any, real: bool, actor: str, client: str) -> None:
        if real and "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = number
        headers = {"Authorization": f"Bearer {company.tokens[client]}"}
        if actor:
            headers["Midan-Actor"] = company.staff.get(actor, actor)
        response = case.call(headers=headers)
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()
    return statuses


def test_every_answer_to_a_fitting_question_is_documented(company):
    number = company.send()
    for method, path in OPERATIONS:
        assert fuzz(company, number, method, path, FITTING), (method, path)


def test_every_answer_to_an_unfitting_question_is_a_documented_refusal(company):
    asked = [(method, path) for method, path in OPERATIONS if "requestBody" in PAGE["paths"][path][method]]
    assert asked
    number = company.send()
    for method, path in asked:
        statuses = fuzz(company, number, method, path, UNFITTING)
        assert statuses, (method, path)
        assert all(status >= 400 or status == 200 for status in statuses), (method, path)


def test_the_page_itself_names_every_route_of_the_contract():
    assert {path.removeprefix("/api/v1") for path in PAGE["paths"]} >= {
        "/waybills",
        "/waybills/batch",
        "/waybills/search",
        "/waybills/{number}",
        "/waybills/{number}/reveal",
        "/waybills/{number}/scans",
        "/waybills/{number}/label",
        "/tickets",
        "/audit/checkpoint",
        "/audit/tile/{place}",
    }
