"""The twin's WSGI entry point: the same settings and middleware, another table of addresses."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from midan.config.start import spare_looks, spare_turns


class _Twin(WSGIHandler):
    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = "midan.bench.twin_api"
        return super().get_response(request)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
django.setup(set_prefix=False)
application = _Twin()
spare_looks()
spare_turns()
