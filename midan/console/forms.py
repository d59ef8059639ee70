"""What staff type. Forms trim and bound; the areas judge."""

from django import forms
from django.utils.translation import gettext_lazy as _

from midan.access.rules.scope import SEARCHES, SearchKind
from midan.catalog.rules import FIELDS, PURPOSES, Purpose
from midan.label.rules import DPIS, Format, Size
from midan.ui.words import KIND, REASON

_LONGEST = 64


def _words(words: dict[str, str], codes: list[str]) -> list[tuple[str, object]]:
    return [(code, _(words[code])) for code in codes]


class SearchForm(forms.Form):
    """A personal key; posted, never in an address."""

    kind = forms.ChoiceField(label=_("按什么查"))
    value = forms.CharField(max_length=_LONGEST, label=_("号码"))
    name = forms.CharField(max_length=_LONGEST, required=False, label=_("姓名"))
    cursor = forms.CharField(max_length=15, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, role: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through to Django
        kinds = [kind.value for kind in SearchKind if kind in SEARCHES.get(role, {})]
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = _words(KIND, kinds)


class RevealForm(forms.Form):
    """One field, one purpose, one reason."""

    field = forms.ChoiceField(
        choices=[(name, name) for name, field in FIELDS.items() if field.part is not None]
    )
    purpose = forms.ChoiceField(choices=[(purpose.value, purpose.value) for purpose in Purpose])
    reason = forms.ChoiceField(choices=[(code, code) for code in REASON])
    ticket = forms.CharField(max_length=16, required=False)
    note = forms.CharField(max_length=200, required=False)


class TicketForm(forms.Form):
    """A call: by the waybill the customer names, or by the phone they call about."""

    waybill = forms.CharField(max_length=15, required=False, label=_("运单号"))
    phone = forms.CharField(max_length=24, required=False, label=_("来电客户的手机号"))
    reason = forms.ChoiceField(label=_("来电原因"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through to Django
        field = self.fields["reason"]
        wanted = (Purpose.CUSTOMER_SERVICE, Purpose.COMPLAINT, Purpose.CLAIM)
        codes = [code.value for purpose in wanted for code in sorted(PURPOSES[purpose].reasons)]
        if isinstance(field, forms.ChoiceField):
            field.choices = _words(REASON, codes)


class PrintForm(forms.Form):
    format = forms.ChoiceField(choices=[(form.value, form.value) for form in Format])
    dpi = forms.TypedChoiceField(choices=[(dpi, dpi) for dpi in DPIS], coerce=int)
    reason = forms.ChoiceField(choices=[(code, code) for code in PURPOSES[Purpose.LABEL].reasons])
    size = forms.ChoiceField(choices=[(size.value, size.value) for size in Size])


class PublishForm(forms.Form):
    version = forms.RegexField(r"[0-9]{4}-[0-9]{2}(-[0-9]{1,2})?", max_length=10, label=_("版本号"))
