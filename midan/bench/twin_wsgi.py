"""The twin's WSGI entry point: the same settings and middleware, another table of addresses."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from midan.config.start import spare_looks, spare_turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
settings.ROOT_URLCONF = "midan.bench.twin_api"
application = get_wsgi_application()
spare_looks()
spare_turns()
