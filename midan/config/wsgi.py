"""The WSGI entry point of `midan serve`."""

import os

from django.core.wsgi import get_wsgi_application

from midan.config.kept import end_with_parent
from midan.config.start import spare_looks, spare_turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
# A worker whose server was killed would go on answering, without keys, jobs or anybody to stop it.
end_with_parent()
application = get_wsgi_application()
spare_looks()
spare_turns()
