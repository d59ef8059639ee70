"""The page behind the one-time link of `midan init`: whoever has it appoints the first administrator."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from midan.console.forms import FirstForm
from midan.core.errors import MidanError
from midan.people import first
from midan.people.addresses import address_of


@require_http_methods(["GET", "HEAD", "POST"])
def first_administrator(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask for a name and a password; then the link is spent and sign-in asks for the second factor."""
    now = timezone.now()
    first.check(token, now=now)
    form = FirstForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    try:
        first.appoint(
            token=token,
            username=said["username"],
            display_name=said["display_name"],
            password=said["password"],
            address=address_of(request),
            now=now,
        )
    except MidanError as error:
        return _page(request, form, error)
    return redirect("account_login")


def _page(request: HttpRequest, form: FirstForm, fault: MidanError | None = None) -> HttpResponse:
    status = fault.status if fault else 400 if form.errors else 200
    return render(request, "console/first.html", {"form": form, "fault": fault}, status=status)
