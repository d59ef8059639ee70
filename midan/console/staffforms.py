"""What is typed about staff and accounts. Forms trim and bound; the areas judge."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from midan.console.forms import whole
from midan.people.hours.rules import Hours, HoursOf
from midan.people.leaving.rules import CarrierKind, CarrierState, LeavingReason, Reminder
from midan.people.ownership.rules import AssetKind
from midan.people.posts.rules import GrantReason
from midan.people.rules import Role

_LONGEST = 64


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        max_length=256, label=_("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        max_length=256,
        label=_("再输一次"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, object]:
        said = super().clean() or {}
        if said.get("password") != said.get("again"):
            self.add_error("again", gettext("两次输入的密码不同"))
            return said
        try:
            validate_password(str(said.get("password", "")))
        except forms.ValidationError as error:
            self.add_error("password", error)
        return said


class FirstForm(PasswordForm):
    """The first administrator: who they are, and a password typed twice."""

    username = whole(r"[A-Za-z0-9._-]{3,64}", max_length=64, label=_("用户名"))
    display_name = forms.CharField(max_length=_LONGEST, label=_("姓名"))
    field_order = ("username", "display_name")


class GrantForm(forms.Form):
    """A post for somebody, and why."""

    role = forms.ChoiceField(choices=[(role.value, role.value) for role in Role])
    branch = forms.CharField(max_length=16)
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in GrantReason])


class FileForm(forms.Form):
    """What the personnel file says: its number, the last day of the contract."""

    hr_no = whole(r"[0-9A-Za-z-]{0,24}", max_length=24, required=False)
    contract_ends = forms.DateField(required=False)


class HoursForm(forms.Form):
    """Working hours of a person or of their whole branch; `answer` clear takes them away, whatever else is said."""

    whose = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in HoursOf])
    answer = forms.ChoiceField(choices=[("set", "set"), ("clear", "clear")])
    days = forms.MultipleChoiceField(choices=[(str(day), str(day)) for day in range(7)], required=False)
    begins = forms.TimeField(required=False)
    ends = forms.TimeField(required=False)

    def clean(self) -> dict[str, Any]:
        """Return the hours, or None to clear; without a day or a time they are none, which the service refuses."""
        said = super().clean() or {}
        if self.errors or said["answer"] == "clear":
            return said | {"hours": None}
        begins, ends = said.get("begins"), said.get("ends")
        minutes = [-1 if time is None else time.hour * 60 + time.minute for time in (begins, ends)]
        days = sum(1 << int(day) for day in said["days"])
        return said | {"hours": Hours(days=days, begins=minutes[0], ends=minutes[1])}


class AnnounceForm(forms.Form):
    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in LeavingReason])
    last_day = forms.DateField()


class RemindForm(forms.Form):
    how = forms.ChoiceField(choices=[(how.value, how.value) for how in (Reminder.ON_PAPER, Reminder.REFUSED)])


class CarrierForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in CarrierKind])
    state = forms.ChoiceField(
        choices=[(state.value, state.value) for state in (CarrierState.BACK, CarrierState.NEVER_LENT)]
    )


class CloseForm(forms.Form):
    """The one act. `reason` counts where nobody announced the departure."""

    reason = forms.ChoiceField(choices=[(reason.value, reason.value) for reason in LeavingReason])
    successor = whole(r"(S[0-9]{5,11})?", required=False)


class ReviewForm(forms.Form):
    answer = forms.ChoiceField(choices=[("keep", "keep"), ("revoke", "revoke")])


class OwnerForm(forms.Form):
    """Who answers for one thing, or for all of a kind that nobody at work answers for yet (`name` empty)."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in AssetKind])
    name = forms.CharField(max_length=40, required=False)
    staff_no = whole(r"S[0-9]{5,11}")
