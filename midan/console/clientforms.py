"""What is typed of API clients. Forms trim and bound; the gateway judges."""

from django import forms

from midan.gateway.certificates import thumbprints_in
from midan.gateway.errors import CertificateRefused
from midan.gateway.rules import (
    FIELDS,
    LONGEST_NAME,
    MOST_CALLS,
    OVERLAPS,
    PERSONS,
    SCOPES,
    Limits,
    ScopeReason,
)

_LONGEST_LIST = 2_000
_LONGEST_BUNDLE = 40_000
_FIELDS = [(name, name) for name in FIELDS]


class LimitsForm(forms.Form):
    """What a client may send and see, from where, with which certificates, how often."""

    writes = forms.MultipleChoiceField(choices=_FIELDS, required=False)
    sees = forms.MultipleChoiceField(choices=_FIELDS, required=False)
    networks = forms.CharField(max_length=_LONGEST_LIST, required=False)
    certificates = forms.CharField(max_length=_LONGEST_BUNDLE, required=False)
    per_minute = forms.IntegerField(min_value=1, max_value=MOST_CALLS)
    per_day = forms.IntegerField(min_value=1, max_value=MOST_CALLS)

    def clean_networks(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["networks"].replace(",", " ").replace("，", " ").split())

    def clean_certificates(self) -> tuple[str, ...]:
        """Return the thumbprints of what was pasted: certificates in PEM, or thumbprints."""
        try:
            return thumbprints_in(self.cleaned_data["certificates"])
        except CertificateRefused as error:
            raise forms.ValidationError(error.code) from error

    @property
    def limits(self) -> Limits:
        said = self.cleaned_data
        return Limits(
            networks=said["networks"],
            certificates=said["certificates"],
            per_minute=said["per_minute"],
            per_day=said["per_day"],
        )


class ClientForm(LimitsForm):
    """A new client: without scopes by which it asks for persons, which two people give."""

    name = forms.CharField(max_length=LONGEST_NAME)
    branch = forms.CharField(max_length=16)
    scopes = forms.MultipleChoiceField(choices=[(name, name) for name in SCOPES if name not in PERSONS])


class RotateForm(forms.Form):
    hours = forms.TypedChoiceField(choices=[(hours, hours) for hours in OVERLAPS], coerce=int)


class ScopesForm(forms.Form):
    """For whom a client is to act: what it may do for them, and of which further branches they may be."""

    scopes = forms.MultipleChoiceField(choices=[(name, name) for name in sorted(PERSONS)], required=False)
    serves = forms.CharField(max_length=_LONGEST_LIST, required=False)
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in ScopeReason])

    def clean_serves(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["serves"].replace(",", " ").replace("，", " ").split())
