"""What is typed about devices. Forms trim and bound; the area judges."""

from django import forms
from django.utils.translation import gettext_lazy as _

from midan.devices.rules import LONGEST_NAME


class NameForm(forms.Form):
    name = forms.CharField(label=_("设备名称"), max_length=LONGEST_NAME)


class ClientForm(forms.Form):
    client = forms.RegexField(label=_("客户端编号"), regex=r"^[A-Za-z0-9._-]{1,100}$", max_length=100)
