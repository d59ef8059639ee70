"""An exception report without locals: a traceback page or mail could carry what a customer typed."""

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter


class SilentReporter(ExceptionReporter):
    """Report the type of the exception only."""

    def get_traceback_html(self) -> SafeString:
        """Return a constant page."""
        return SafeString("<!doctype html><title>500</title>")

    def get_traceback_text(self) -> SafeString:
        """Return the exception's type, never its text."""
        return SafeString(self.exc_type.__name__ if self.exc_type else "")
