"""What a password must be (T3; 等保 8.1.4.1 a): long or hard to guess, known to nobody, and new.

Twelve characters, or ten that zxcvbn takes for hard to guess; on no list of passwords that leaked; none of the last five.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from midan.catalog.settings import current
from midan.people.models import Staff
from midan.people.signin_models import PastPassword

LONG: Final = 12
SHORT: Final = 10
HARD: Final = 3
LAST: Final = 5
# zxcvbn looks at no more than this, and slows down with length.
_LOOKED_AT: Final = 72
_LEAKED: Final = frozenset(FREQUENCY_LISTS["passwords"])


class LongOrHard:
    """Refuse what is short, and what is neither long nor hard to guess."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError `password_too_short` or `password_too_easy`."""
        if len(password) < SHORT:
            raise ValidationError(_("密码太短：至少 12 位，或 10 位且不易猜到"), code="password_too_short")
        about = [str(getattr(user, name, "")) for name in ("username", "staff_no", "display_name")]
        score = zxcvbn(password[:_LOOKED_AT], user_inputs=[word for word in about if word])["score"]
        if score == 0 or (len(password) < LONG and score < HARD):
            raise ValidationError(_("密码太容易猜到：加长，或换成几个不相干的词"), code="password_too_easy")

    def get_help_text(self) -> str:
        return _("至少 12 位；10 至 11 位的须不易猜到")


class NotLeaked:
    """Refuse what stands on the list of leaked passwords that comes with zxcvbn; nothing is asked of any network."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002  # Django's signature
        """Raise ValidationError `password_leaked`."""
        if password.lower() in _LEAKED:
            raise ValidationError(_("这个密码曾经泄露，人人都会先试它"), code="password_leaked")

    def get_help_text(self) -> str:
        return _("不是常见或泄露过的密码")


class NotRecent:
    """Refuse a person's last five passwords, the present one included."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError `password_recent`."""
        if isinstance(user, Staff) and user.pk and any(check_password(password, old) for old in _last(user)):
            raise ValidationError(_("最近 5 次用过的密码不能再用"), code="password_recent")

    def get_help_text(self) -> str:
        return _("与最近 5 次的密码不同")


def remember(staff: Staff) -> None:
    """Keep the present hash among the last five and let older ones go."""
    PastPassword.objects.create(staff=staff, hash=staff.password)
    kept = PastPassword.objects.filter(staff=staff).order_by("-id").values_list("id", flat=True)[:LAST]
    PastPassword.objects.filter(staff=staff).exclude(id__in=list(kept)).delete()


def outlived(staff_id: int, *, now: datetime) -> bool:
    """Return whether the company forces a change at intervals and this password is older than one."""
    days = current().sign_in.password_days
    if not days:
        return False
    newest = PastPassword.objects.filter(staff_id=staff_id).order_by("-id").first()
    return newest is None or newest.set_at < now - timedelta(days=days)


def _last(staff: Staff) -> set[str]:
    rows = PastPassword.objects.filter(staff=staff).order_by("-id").values_list("hash", flat=True)[:LAST]
    return {*rows, staff.password} - {""}
