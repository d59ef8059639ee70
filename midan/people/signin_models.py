"""Tables of sign-in: old passwords, tries in vain, the last use of a second factor, one-time links."""

from django.conf import settings
from django.db import models


class PastPassword(models.Model):
    """A hash a person's password has had, the present one included; only the newest few are kept."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=128)
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "people"


class Tries(models.Model):
    """Failures in a row for one name that was typed. Only a digest of it is kept: it may be a password."""

    digest = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        app_label = "people"


class FactorUse(models.Model):
    """How far a second factor has counted: the half minute of a code, the counter of a passkey. It only grows."""

    factor = models.OneToOneField(
        "mfa.Authenticator", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    counter = models.BigIntegerField()

    class Meta:
        app_label = "people"


class FirstLink(models.Model):
    """The one link by which the first administrator appoints themselves; the row goes when it is used."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "people"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="people_first_link_is_one")]


class JoinLink(models.Model):
    """The one link by which a person chooses their password; the row goes when it is used or a new one is made."""

    staff = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "people"
