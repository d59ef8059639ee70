"""What is typed about duties. Forms trim and bound; the area judges."""

from django import forms
from django.utils.translation import gettext_lazy as _

from midan.console.forms import whole
from midan.duties.course import LONGEST
from midan.duties.rules import Kind, Result
from midan.ui.dutywords import RESULT


class SignForm(forms.Form):
    """The version that was read, and the word of who read it."""

    number = forms.IntegerField(min_value=1)
    agreed = forms.BooleanField()


class CheckRequestForm(forms.Form):
    staff_no = whole(r"S[0-9]{5,11}", label=_("工号"))


class CheckForm(forms.Form):
    result = forms.ChoiceField(choices=[(one.value, _(RESULT[one.value])) for one in Result], label=_("结果"))
    until = forms.DateField(required=False, label=_("有效至"))
    evidence = forms.FileField(max_length=200, label=_("材料"))


class TextForm(forms.Form):
    kind = forms.ChoiceField(choices=[(one.value, one.value) for one in Kind])
    zh = forms.CharField(max_length=20_000)
    en = forms.CharField(max_length=20_000)


class CourseForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, strip=False)
