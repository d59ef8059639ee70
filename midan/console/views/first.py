"""The pages behind one-time links: `midan init` prints the first administrator's, HR makes everybody else's."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from midan.console.staffforms import FirstForm, PasswordForm
from midan.core.errors import MidanError
from midan.people import first, joining
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


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Let whoever was appointed choose a password; then the link is spent and sign-in asks for the second factor."""
    now = timezone.now()
    person = joining.owner(token, now=now)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            joining.use(
                token=token, password=form.cleaned_data["password"], address=address_of(request), now=now
            )
        except MidanError as error:
            return _page(request, form, error, page="join", person=person)
        return redirect("account_login")
    return _page(request, form, page="join", person=person)


def _page(
    request: HttpRequest, form: Form, fault: MidanError | None = None, *, page: str = "first", **shown: object
) -> HttpResponse:
    status = fault.status if fault else 400 if form.errors else 200
    return render(request, f"console/{page}.html", {"form": form, "fault": fault, **shown}, status=status)
