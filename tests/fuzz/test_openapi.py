"""The API keeps what its OpenAPI page promises, whatever it is sent: schemathesis with real tokens and a person."""

import re
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from midan.gateway.api import api
from tests.gateway.conftest import company  # the fixture itself: pytest finds it by this name

__all__ = ["company"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# What only the page's own corners try: other methods, headers left out, tokens left out or made up.
CORNERS = [
    *CHECKS,
    positive_data_acceptance,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
]
PAGE = api.get_openapi_schema()
OPERATIONS = [
    (method, path) for path, methods in PAGE["paths"].items() for method in methods if method != "parameters"
]
# What a page cannot say: that a phone, a name, an address or a notice is one, and how a path within a path is spelt.
# These may refuse what fits.
JUDGED_BY_THE_AREAS = {
    ("post", "/api/v1/waybills"): {"order_rejected"},
    ("post", "/api/v1/waybills/search"): {"invalid_field", "bad_question"},
    ("get", "/api/v1/audit/tile/{place}"): {"malformed_tile"},
    ("post", "/api/v1/waybills/{number}/real-name"): {"invalid_field"},
}
# As many as fit: the whole file stays within a minute on two cores.
EXAMPLES = 15
STAFF = re.compile("S[0-9]{5,}")
ACTORS = ["agent", "courier", "manager", "hr", "", "S99999", "\u00fc"]
FITTING, UNFITTING = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


CORNER_PAGE = schemathesis.openapi.from_dict(PAGE)
CORNER_PAGE.app = get_wsgi_application()


def checks_for(operation: Any, response: Any) -> list[Any]:
    """Return the checks an answer must pass: all but acceptance, when an area refused a value in its own words."""
    judged = JUDGED_BY_THE_AREAS.get((operation.method, operation.path), set())
    if response.status_code in {400, 422} and response.json().get("code") in judged:
        return [check for check in CORNERS if check is not positive_data_acceptance]
    return CORNERS


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
        # A well-formed number of staff is nobody's: somebody real takes its place. One that breaks the page is left.
        sent = (case.headers or {}).get("Midan-Actor")
        if actor and (mode is FITTING or STAFF.fullmatch(str(sent or ""))):
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


def test_every_unfitting_question_is_refused_as_documented(company):
    number = company.send()
    for method, path in OPERATIONS:
        fuzz(company, number, method, path, UNFITTING)


@CORNER_PAGE.parametrize()
@settings(phases=[Phase.explicit], deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_every_corner_of_the_page_is_as_it_says(case, company):
    """Every value at and beyond its limit, each header and the token left out, the methods the page does not name."""
    headers = {"Authorization": f"Bearer {company.tokens['hall']}"}
    if STAFF.fullmatch(str((case.headers or {}).get("Midan-Actor", ""))):
        headers["Midan-Actor"] = company.staff["agent"]
    response = case.call(headers=headers)
    checks = checks_for(case.operation, response)
    case.validate_response(response, checks=checks, headers=headers)


def test_the_page_itself_names_every_route_of_the_contract():
    assert {path.removeprefix("/api/v1") for path in PAGE["paths"]} >= {
        "/waybills",
        "/waybills/batch",
        "/waybills/search",
        "/waybills/{number}",
        "/waybills/{number}/reveal",
        "/waybills/{number}/scans",
        "/waybills/{number}/real-name",
        "/waybills/{number}/label",
        "/tickets",
        "/audit/checkpoint",
        "/audit/tile/{place}",
    }
