"""The token endpoint: client credentials (RFC 6749 section 4.4) and nothing else of what the library can do."""

import json
from base64 import b64decode
from typing import Any, Final

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import TokenView

from midan.core.actor import Actor
from midan.gateway import services
from midan.gateway.rules import CLIENT_TRIES, STRANGER_TRIES
from midan.gateway.selectors import is_client
from midan.people.addresses import address_of, network_of

_LONGEST: Final = 128


class ClientTokenView(TokenView):  # type: ignore[misc]  # the library ships no types
    """Answers in the shape of RFC 6749 section 5. Tries in vain are limited and logged."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hand out a token; refuse every other grant before the library looks at it."""
        client = _client_id(request)
        # A try counts before it is judged, so that those at the same moment count too; one that succeeds is given back.
        # A client is counted at its address: whoever knows its name elsewhere cannot shut it out. Nor can whoever
        # guesses names at the same address: the count of an address is for names nobody has.
        tried = ratelimit.consume(
            request,
            app="midan.gateway",
            action="token",
            config={"token": CLIENT_TRIES if is_client(client) else STRANGER_TRIES},
            key=f"{client}@{network_of(request)}",
        )
        if tried is None:
            return JsonResponse(
                {"error": "too_many_requests"}, status=429, headers={"Retry-After": "300", **_NOT_KEPT}
            )
        answer = self._answer(request, *args, **kwargs)
        if answer.status_code == 200:
            tried.rollback()
        else:
            stranger = Actor(kind="public", name="unknown", address=address_of(request))
            services.refuse_token(actor=stranger, client_id=client, why=_error(answer))
        return answer

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("grant_type") != "client_credentials":
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        # PostgreSQL takes no NUL in a question, and the library asks for whatever name it is given.
        said = (_named_in_header(request), *request.POST.values(), *request.GET.values())
        if any("\x00" in word for word in said):
            return JsonResponse({"error": "invalid_request"}, status=400)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


_NOT_KEPT: Final = {"Cache-Control": "no-store"}
_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


def _client_id(request: HttpRequest) -> str:
    """Return the client a request names, in its header or its body; '' when it names none."""
    basic = request.headers.get("Authorization", "").lower().startswith("basic ")
    named = _named_in_header(request) if basic else request.POST.get("client_id", "")
    return named[:_LONGEST]


def _named_in_header(request: HttpRequest) -> str:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(given.strip(), validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


def _error(answer: HttpResponse) -> str:
    """Return the code of a refusal, one of RFC 6749 section 5.2; of anything else that it was refused."""
    try:
        said = json.loads(answer.content).get("error")
    except (ValueError, AttributeError):
        said = None
    return said if said in _ERRORS else "refused"
