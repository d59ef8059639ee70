"""Backups: what there is, what is due, and the drill that shows it restores."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from midan.console.doors import room
from midan.console.rules import Room
from midan.console.selectors.backups import backups_page


@require_safe
@room(Room.BACKUPS)
def backups(request: HttpRequest) -> HttpResponseBase:
    return render(request, "console/backups.html", {"page": backups_page(now=timezone.now())})
