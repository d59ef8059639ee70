"""A label's preview, and printing one."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from midan.console.doors import acting, room
from midan.console.forms import PrintForm
from midan.console.rules import Room
from midan.label import services
from midan.label.errors import BadLabelRequest


@require_safe
@room(Room.LABELS)
def preview(request: HttpRequest, number: str) -> HttpResponseBase:
    """Return the picture of the label, marked as a preview; nothing counts as printed."""
    picture = services.preview(actor=acting(request), waybill=number, now=timezone.now())
    return HttpResponse(picture.content, content_type=picture.media_type)


@require_POST
@room(Room.LABELS)
def print_label(request: HttpRequest, number: str) -> HttpResponseBase:
    """Print one label in the form the printer takes: one file, one entry in the log."""
    form = PrintForm(request.POST)
    if not form.is_valid():
        raise BadLabelRequest(field=next(iter(form.errors)), allowed=())
    printed = services.print_labels(
        actor=acting(request), waybills=[number], now=timezone.now(), **form.cleaned_data
    )
    response = HttpResponse(printed.content, content_type=printed.media_type)
    response["Content-Disposition"] = f'inline; filename="{number}{printed.suffix}"'
    return response
