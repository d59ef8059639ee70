"""The verbs of the label: print, preview, withdraw a copy, hand out the printer's font."""

from midan.label.services.keeping import register_file
from midan.label.services.printing import Printed, print_labels
from midan.label.services.showing import preview, printer_font, self_check
from midan.label.services.withdrawing import withdraw

__all__ = ["Printed", "preview", "print_labels", "printer_font", "register_file", "self_check", "withdraw"]
