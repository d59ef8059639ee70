"""The token endpoint: client credentials (RFC 6749 section 4.4) and nothing else of what the library can do."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import TokenView


class ClientTokenView(TokenView):  # type: ignore[misc]  # the library ships no types
    """Answers in the shape of RFC 6749 section 5."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hand out a token; refuse every other grant before the library looks at it."""
        if request.POST.get("grant_type") != "client_credentials":
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer
