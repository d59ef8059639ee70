"""Clause T2: which places use the national algorithms at this moment."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from midan.console.doors import room
from midan.console.rules import Room
from midan.console.selectors.algorithms import algorithms_page


@require_safe
@room(Room.ALGORITHMS)
def algorithms(request: HttpRequest) -> HttpResponseBase:
    return render(request, "console/algorithms.html", {"page": algorithms_page()})
