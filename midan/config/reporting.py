"""An exception report without locals: a traceback page or mail could carry what a customer typed."""

from django.views.debug import ExceptionReporter


class SilentReporter(ExceptionReporter):
    """Report the type of the exception only."""

    def get_traceback_html(self) -> str:
        """Return a constant page."""
        return "<!doctype html><title>500</title>"

    def get_traceback_text(self) -> str:
        """Return the exception's type, never its text."""
        return self.exc_type.__name__ if self.exc_type else ""
