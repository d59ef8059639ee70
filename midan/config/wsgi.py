"""The WSGI entry point of `midan serve`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
application = get_wsgi_application()
