"""What staff type. Forms trim and bound; the areas judge."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from midan.access.rules.scope import SEARCHES, SearchKind
from midan.access.rules.views import TICKET_REASONS
from midan.catalog.rules import FIELDS, PURPOSES, SEALED, LengthBasis, Purpose, Surface
from midan.collection.rules import PARTIES
from midan.core.fields.document import LONGEST
from midan.core.number import is_well_formed
from midan.destruction.rules.rotation import RotationReason
from midan.destruction.rules.runs import CutPart, RunReason
from midan.label.rules import DPIS, Format, Size
from midan.paper.rules import MOST_SHEETS, Kind, Method
from midan.ui.catalogue import DOCUMENT
from midan.ui.paperwords import PAPER_KIND, PAPER_METHOD
from midan.ui.words import KIND, REASON
from midan.vault.keeping.rules import EndReason, HoldKind, HoldReason, Scope

_LONGEST = 64


def whole(pattern: str, **options: Any) -> forms.RegexField:
    """Return a field whose whole text has the pattern: Django's own searches, and `$` lets a line end by."""
    return forms.RegexField(rf"\A(?:{pattern})\Z", **options)


_MOST_NUMBERS = 1_000


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
        choices=[(name, name) for name, field in FIELDS.items() if Surface.REVEAL in field.shown]
    )
    purpose = forms.ChoiceField(choices=[(purpose.value, purpose.value) for purpose in Purpose])
    reason = forms.ChoiceField(choices=[(code, code) for code in REASON])
    ticket = forms.CharField(max_length=16, required=False)
    note = forms.CharField(max_length=200, required=False)


class RealNameForm(forms.Form):
    """The document the sender shows; its number is posted, and never shown again."""

    kind = forms.ChoiceField(label=_("证件种类"), choices=_words(DOCUMENT, list(DOCUMENT)))
    id_number = forms.CharField(
        max_length=LONGEST,
        label=_("证件号码"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class TicketForm(forms.Form):
    """A call: by the waybill the customer names, or by the phone they call about."""

    waybill = forms.CharField(max_length=15, required=False, label=_("运单号"))
    phone = forms.CharField(max_length=24, required=False, label=_("来电客户的手机号"))
    reason = forms.ChoiceField(label=_("来电原因"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through to Django
        field = self.fields["reason"]
        if isinstance(field, forms.ChoiceField):
            field.choices = _words(REASON, [code.value for code in TICKET_REASONS])


class ConsentForm(forms.Form):
    """What the customer on the phone says to one optional use."""

    side = forms.ChoiceField(choices=[(side, side) for side in PARTIES])
    purpose = forms.ChoiceField(
        choices=[(rule.purpose, rule.purpose) for rule in PURPOSES.values() if rule.optional]
    )
    notice_version = forms.CharField(max_length=10)
    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


class StopForm(forms.Form):
    """The branch that found a parcel nobody sent there."""

    branch = forms.CharField(max_length=16)


class PrintForm(forms.Form):
    format = forms.ChoiceField(choices=[(form.value, form.value) for form in Format])
    dpi = forms.TypedChoiceField(choices=[(dpi, dpi) for dpi in DPIS], coerce=int)
    reason = forms.ChoiceField(choices=[(code, code) for code in PURPOSES[Purpose.LABEL].reasons])
    size = forms.ChoiceField(choices=[(size.value, size.value) for size in Size])


class CountForm(forms.Form):
    sheets = forms.IntegerField(min_value=0, max_value=MOST_SHEETS, label=_("手中散页数"))


class BagForm(forms.Form):
    serial = forms.CharField(max_length=24, label=_("封袋编号"))
    kind = forms.ChoiceField(label=_("袋内"))
    sheets = forms.IntegerField(min_value=1, max_value=MOST_SHEETS, label=_("张数"))
    weight_g = forms.IntegerField(min_value=1, max_value=10 * MOST_SHEETS, label=_("重量（克）"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through to Django
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = _words(PAPER_KIND, [kind.value for kind in Kind])


class DestroyForm(forms.Form):
    serials = forms.MultipleChoiceField(label=_("封袋"))
    method = forms.ChoiceField(label=_("方式"))
    place = forms.CharField(max_length=60, label=_("地点"))
    witness = whole(r"S[0-9]{5,11}", label=_("见证人工号"))

    def __init__(self, *args: object, bags: Sequence[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through to Django
        chosen, method = self.fields["serials"], self.fields["method"]
        if isinstance(chosen, forms.MultipleChoiceField) and isinstance(method, forms.ChoiceField):
            chosen.choices = [(serial, serial) for serial in bags]
            method.choices = _words(PAPER_METHOD, [method.value for method in Method])


class PublishForm(forms.Form):
    version = whole(r"[0-9]{4}-[0-9]{2}(-[0-9]{1,2})?", max_length=10, label=_("版本号"))


class LengthForm(forms.Form):
    """How long new information of one class is kept. The vault judges the cap."""

    retention = forms.ChoiceField(choices=[(code, code) for code in SEALED])
    days = forms.IntegerField(min_value=1, max_value=9_999)
    settle_days = forms.IntegerField(min_value=0, max_value=9_999)
    basis = forms.ChoiceField(choices=[(basis.value, basis.value) for basis in LengthBasis])
    document = whole(r"[!-~]{0,64}", max_length=64, required=False)


class NumbersField(forms.CharField):
    """Waybill numbers, separated by anything that is no letter or digit."""

    def __init__(self) -> None:
        super().__init__(max_length=_MOST_NUMBERS * 16, required=False)

    def clean(self, value: object) -> list[str]:
        """Return the numbers; a wrong one is counted, not repeated."""
        numbers = re.findall(r"[A-Za-z0-9]+", str(super().clean(value)))
        wrong = sum(not is_well_formed(number.upper()) for number in numbers)
        if wrong or len(numbers) > _MOST_NUMBERS:
            raise forms.ValidationError(_("运单号有误，或一次超过 1000 个"))
        return [number.upper() for number in numbers]


class HoldForm(forms.Form):
    """One hold or restriction over the waybills named."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in HoldKind])
    scope = forms.ChoiceField(choices=[(scope.value, scope.value) for scope in Scope])
    label = whole(r"[!-~]{0,64}", max_length=64, required=False)
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in HoldReason])
    waybills = NumbersField()


class EndForm(forms.Form):
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in EndReason])


class RotationForm(forms.Form):
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in RotationReason])


class RunForm(forms.Form):
    """What to destroy outside the schedule: waybills or one person of each, or whole epochs."""

    waybills = NumbersField()
    part = forms.ChoiceField(choices=[(part.value, part.value) for part in CutPart])
    epochs = whole(r"[0-9 ,，]{0,200}", max_length=200, required=False)
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in RunReason])

    def clean_epochs(self) -> list[int]:
        return [int(number) for number in re.findall(r"[0-9]{1,9}", self.cleaned_data["epochs"])]
