"""What is typed in the fast lanes: as little as possible."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ShelfForm(forms.Form):
    """What a customer says at the counter: six digits of a code or the last four of a phone."""

    said = forms.RegexField(
        regex=r"^(?:[0-9]{4}|[0-9]{6})$",
        max_length=6,
        error_messages={"invalid": _("请输入 6 位取件码或手机后 4 位")},
    )
