"""What staff type about broken glass, cases and policies. Forms trim and bound; the area judges."""

from django import forms
from django.utils.translation import gettext_lazy as _

from midan.access.rules.cases import LIFE, LONGEST, MOST_BYTES, Ground
from midan.access.rules.drafts import MOST_BYTES as MOST_POLICY
from midan.access.rules.glass import Finding, GlassReason
from midan.access.rules.whatif import MOST_DAYS
from midan.catalog.rules import FIELDS, Purpose, Surface
from midan.console.forms import NumbersField

OPENED = tuple(
    name for name, field in FIELDS.items() if Surface.REVEAL in field.shown and name != "id_number"
)
_FIELDS = [(str(name), str(name)) for name in OPENED]


class GlassForm(forms.Form):
    """One waybill, the fields, what for, which emergency and what happened."""

    waybill = forms.RegexField(r"[A-Za-z0-9]{1,15}", max_length=15, label=_("运单号"))
    fields_ = forms.MultipleChoiceField(choices=_FIELDS, label=_("信息项"))
    purpose = forms.ChoiceField(choices=[(purpose.value, purpose.value) for purpose in Purpose])
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in GlassReason])
    note = forms.CharField(max_length=200)


class FindingForm(forms.Form):
    finding = forms.ChoiceField(choices=[(finding.value, finding.value) for finding in Finding])
    note = forms.CharField(max_length=200, required=False)


class CaseForm(forms.Form):
    """On which ground, whose eyes, which fields of which waybills, for how long, by which papers."""

    ground = forms.ChoiceField(choices=[(ground.value, ground.value) for ground in Ground])
    reader = forms.RegexField(r"S[0-9]{5,11}", label=_("由谁查看（工号）"))
    fields_ = forms.MultipleChoiceField(choices=_FIELDS, label=_("信息项"))
    waybills = NumbersField()
    days = forms.IntegerField(min_value=1, max_value=LONGEST.days, initial=LIFE.days)
    papers = forms.FileField(max_length=255)

    def clean_papers(self) -> object:
        """Turn a file away before it is read when it is larger than what may be kept."""
        found = self.cleaned_data["papers"]
        if found.size > MOST_BYTES:
            raise forms.ValidationError(_("文件太大"))
        return found


class DraftForm(forms.Form):
    """Policies as text; blanks at the ends are part of it, for the digest is of every byte."""

    text = forms.CharField(max_length=MOST_POLICY, strip=False, required=False)
    file = forms.FileField(max_length=255, required=False)
    restores = forms.IntegerField(min_value=0, required=False)

    def clean_file(self) -> object:
        """Turn a file away before it is read when it is larger than any policy."""
        found = self.cleaned_data["file"]
        if found and found.size > MOST_POLICY:
            raise forms.ValidationError(_("文件太大"))
        return found


class DaysForm(forms.Form):
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS)
