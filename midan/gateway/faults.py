"""Every refusal and every fault of a route, in the one error shape."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation.trans_null import gettext_noop
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from midan.core.errors import MidanError
from midan.gateway import answers
from midan.gateway.errors import Internal, MalformedBody, Missing
from midan.store.disk import disk_error

_LOGGER = logging.getLogger(__name__)


def answer_refusals(api: NinjaAPI) -> None:
    """Register what answers when a route raises."""
    for kind, handler in (
        (MidanError, _refused),
        (ValidationError, _malformed),
        (HttpError, _unreadable),
        (Http404, _missing),
        (Exception, _broken),
    ):
        api.exception_handler(kind)(handler)


def _refused(request: HttpRequest, error: MidanError) -> HttpResponse:
    return answers.problem(error, request)


def _malformed(request: HttpRequest, _error: ValidationError) -> HttpResponse:
    # The library's own answer repeats what was sent.
    return answers.problem(MalformedBody("schema"), request)


def _unreadable(request: HttpRequest, _error: HttpError) -> HttpResponse:
    return answers.problem(MalformedBody("not_json"), request)


def _missing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return answers.problem(Missing(gettext_noop("没有这个对象")), request)


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    if full := disk_error(error):
        _LOGGER.error("not done: %s", full.code)
        return answers.problem(full, request)
    _LOGGER.error("unexpected %s", type(error).__name__)
    return answers.problem(Internal(gettext_noop("内部错误，操作未生效")), request)
