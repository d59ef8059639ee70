"""The token endpoint: client credentials (RFC 6749 section 4.4) and nothing else of what the library can do."""

import json
from base64 import b64decode
from typing import Any, Final

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from oauth2_provider.views import TokenView

from midan.core.actor import Actor
from midan.gateway import certificates, services
from midan.gateway.errors import AddressRefused, CertificateRefused
from midan.gateway.rules import CLIENT_TRIES, STRANGER_TRIES
from midan.gateway.selectors import holder_of, is_client
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
        why = "" if answer.status_code == 200 else _error(answer)
        if not why:
            client, why = _settle(request, json.loads(answer.content)["access_token"])
            answer = (
                JsonResponse({"error": "invalid_client"}, status=401, headers=_NOT_KEPT) if why else answer
            )
        if why:
            stranger = Actor(kind="public", name="unknown", address=address_of(request))
            services.refuse_token(actor=stranger, client_id=client, why=why)
        else:
            tried.rollback()
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


def _settle(request: HttpRequest, token: str) -> tuple[str, str]:
    """Bind a token just made to the certificate it was asked for with, or end it before anybody has it.

    Return the client it was made for, and why it got none after all ('' when it did). The library has read the
    client's name by its own rules; asked of the token, there is no second reading that could differ.
    """
    now = timezone.now()
    holder = holder_of(token, at=now)
    if holder is None:
        return "", "invalid_client"
    try:
        seen = certificates.at_the_door(request, holder, bound=None, now=now)
    except AddressRefused as refusal:
        services.drop_token(token=token)
        return holder.client_id, refusal.code
    except CertificateRefused as refusal:
        services.drop_token(token=token)
        return holder.client_id, str(refusal.details["reason"])
    services.note_token(
        number=holder.number, token=token, thumbprint=seen if holder.certificates else "", now=now
    )
    return holder.client_id, ""


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
