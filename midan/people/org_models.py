"""Tables of the organisation in time: which post when, who answers for what, who left how, who looked a post over."""

from django.conf import settings
from django.db import models

from midan.people.leaving.rules import CarrierKind, CarrierState, Reminder
from midan.people.ownership.rules import AssetKind


def _staff() -> models.ForeignKey[models.Model, models.Model]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


class Posting(models.Model):
    """A post somebody held: from a moment to another, or still. What one did lately one must not check (M1)."""

    staff = _staff()
    role = models.CharField(max_length=20)
    branch = models.CharField(max_length=16)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    # The mark of the personnel number they bore then (posts/marks.py): a number taken out of the file unlinks no post.
    person = models.CharField(max_length=32, default="", db_index=True)

    class Meta:
        app_label = "people"
        constraints = [
            models.UniqueConstraint(
                fields=["staff"], condition=models.Q(until__isnull=True), name="people_one_post_at_once"
            ),
        ]


class Owner(models.Model):
    """The person who answers for one asset, system or use (G4)."""

    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=40)
    staff = _staff()
    since = models.DateTimeField()

    class Meta:
        app_label = "people"
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="people_one_owner"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in AssetKind]), name="people_owner_kind"
            ),
        ]


class Departure(models.Model):
    """Somebody on the way out: announced, reminded of what outlasts the post, and closed by one act (M5)."""

    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=24)
    opened_at = models.DateTimeField()
    last_day = models.DateField()
    reminder = models.CharField(max_length=8, default="")
    reminder_text = models.CharField(max_length=64, default="")
    reminded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    successor = models.CharField(max_length=12, default="")

    class Meta:
        app_label = "people"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reminder="", reminded_at__isnull=True)
                | models.Q(reminder__in=[how.value for how in Reminder], reminded_at__isnull=False),
                name="people_reminder_whole",
            ),
        ]


class Carrier(models.Model):
    """A thing that can carry customers' data, lent to somebody who leaves: given back with a receipt, or not yet."""

    departure = models.ForeignKey(Departure, on_delete=models.PROTECT, related_name="carriers")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default=CarrierState.OUT)
    received_by = models.CharField(max_length=12, default="")
    received_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=32, default="")

    class Meta:
        app_label = "people"
        constraints = [
            models.UniqueConstraint(fields=["departure", "kind"], name="people_carrier_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in CarrierKind]), name="people_carrier_kind"
            ),
            # No box is ticked without a receipt: who took it, when, and the entry that says so.
            models.CheckConstraint(
                condition=models.Q(state=CarrierState.OUT, receipt="")
                | (~models.Q(state=CarrierState.OUT) & ~models.Q(receipt="") & ~models.Q(received_by="")),
                name="people_carrier_receipt",
            ),
        ]


class AccessReview(models.Model):
    """One look of a manager at what one person may do, and whether it stays."""

    staff = _staff()
    reviewer = models.CharField(max_length=12)
    kept = models.BooleanField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "people"
