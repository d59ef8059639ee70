"""Counts, bags and destructions of paper. Nothing here names a customer or a parcel."""

from django.db import models
from django.db.models import F, Q

from midan.paper.rules import BagState, DestructionState, Kind, Method


class Count(models.Model):
    """Loose sheets a branch counted in its hands; the newest count stands."""

    branch = models.TextField()
    sheets = models.IntegerField()
    counted_by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sheets__gte=0), name="paper_count_not_negative")]
        indexes = [models.Index(fields=["branch", "-at"], name="paper_count_newest")]


class Destruction(models.Model):
    """One act of shredding or burning. It counts only when a second person has confirmed it."""

    id = models.BinaryField(max_length=16, primary_key=True)
    branch = models.TextField()
    method = models.CharField(max_length=8)
    place = models.TextField()
    operator = models.TextField()
    witness = models.TextField()
    state = models.CharField(max_length=9, default=DestructionState.RECORDED)
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(operator=F("witness")), name="paper_two_persons"),
            models.CheckConstraint(
                condition=Q(method__in=[one.value for one in Method]), name="paper_method"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in DestructionState]), name="paper_destruction_state"
            ),
            models.CheckConstraint(
                condition=Q(state=DestructionState.RECORDED, ended_at=None)
                | (~Q(state=DestructionState.RECORDED) & Q(ended_at__isnull=False)),
                name="paper_ended_with_its_state",
            ),
        ]


class Bag(models.Model):
    """A sealed bag. Its serial is the one printed on the tamper-evident bag itself."""

    serial = models.CharField(max_length=24, primary_key=True)
    branch = models.TextField()
    kind = models.CharField(max_length=6)
    sheets = models.IntegerField()
    weight_g = models.IntegerField()
    sealed_by = models.TextField()
    sealed_at = models.DateTimeField()
    state = models.CharField(max_length=11, default=BagState.SEALED)
    destruction = models.ForeignKey(Destruction, null=True, on_delete=models.PROTECT, related_name="bags")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in Kind]), name="paper_bag_kind"),
            models.CheckConstraint(
                condition=Q(sheets__gt=0, weight_g__gt=0), name="paper_bag_holds_something"
            ),
            models.CheckConstraint(
                condition=Q(state=BagState.SEALED, destruction=None)
                | Q(
                    state__in=[BagState.HANDED_OVER.value, BagState.DESTROYED.value],
                    destruction__isnull=False,
                ),
                name="paper_bag_state",
            ),
        ]
        indexes = [models.Index(fields=["branch", "state"], name="paper_bag_of_branch")]


class Photo(models.Model):
    """The picture of a destruction, sealed (midan.vault.files). One an act, never replaced.

    `size` and `digest` (SM3) are those of the picture before it was sealed; the log has them too.
    """

    destruction = models.OneToOneField(
        Destruction, primary_key=True, on_delete=models.PROTECT, related_name="photo"
    )
    sealed = models.BinaryField()
    size = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    added_by = models.TextField()
    added_at = models.DateTimeField()
