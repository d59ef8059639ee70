"""Devices of the company, what each said of itself, and the browsers that are bound to one. People are named by number."""

from django.db import models
from django.db.models import Q

from midan.devices.rules import Kind


class Device(models.Model):
    """One device. `facts` and `reported_at` are those of its newest report; a revoked one stays, and never comes back."""

    id = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=8)
    staff_no = models.CharField(max_length=12, db_index=True)
    # The client of the API whose program runs on it; empty for a person's own.
    client = models.CharField(max_length=100, default="", db_index=True)
    # The branch whose people all use it; empty for one person alone.
    shared_with = models.CharField(max_length=16, default="")
    name = models.CharField(max_length=40)
    system = models.CharField(max_length=8)
    public = models.BinaryField(max_length=64, null=True, unique=True)
    passkey = models.ForeignKey("mfa.Authenticator", null=True, on_delete=models.SET_NULL, related_name="+")
    counter = models.BigIntegerField(default=0)
    facts = models.JSONField(null=True)
    reported_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="devices_device_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.COMPUTER, public__isnull=False)
                | (~Q(kind=Kind.COMPUTER) & Q(public=None)),
                name="devices_computer_has_key",
            ),
        ]


class Report(models.Model):
    """One report, signed and byte for byte as it came; the newest fifty of a device are kept."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="reports")
    counter = models.BigIntegerField()
    received_at = models.DateTimeField()
    statement = models.TextField()
    signature = models.BinaryField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "counter"], name="devices_report_counts_once")
        ]


class Code(models.Model):
    """A one-time code for an enrolment; only its digest is kept, and one for each person or client."""

    digest = models.CharField(max_length=64, primary_key=True)
    staff_no = models.CharField(max_length=12)
    client = models.CharField(max_length=100, default="")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff_no", "client"], name="devices_one_code_at_a_time")
        ]


class Address(models.Model):
    """A one-time address that binds the browser it is opened in; only the digest of its token is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()


class Browser(models.Model):
    """A browser bound to a device: whoever holds the cookie of this digest, in this class of browser."""

    digest = models.CharField(max_length=64, primary_key=True)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="browsers")
    kind = models.CharField(max_length=8)
    bound_at = models.DateTimeField()
