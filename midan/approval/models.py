"""Requests for acts that need two persons. No column holds anything about a customer."""

from django.db import models

from midan.approval.rules import Kind


class Request(models.Model):
    """One request. Persons by their reference, not by key: the record outlives them."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=32)
    subject = models.BinaryField(max_length=32)
    summary = models.JSONField()
    reason = models.CharField(max_length=32)
    requester = models.CharField(max_length=128)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decision = models.CharField(max_length=8, default="")
    decided_by = models.CharField(max_length=128, default="")
    decided_at = models.DateTimeField(null=True)
    decision_entry = models.CharField(max_length=32, default="")
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["decision", "expires_at"], name="approval_waiting")]
        constraints = [
            # The last judge of two persons: no service, page or script gets past it.
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("requester")), name="approval_two_persons"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]), name="approval_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by="", decided_at__isnull=True, decision_entry="")
                | models.Q(decision__in=["approved", "refused"], decided_at__isnull=False)
                & ~models.Q(decided_by="")
                & ~models.Q(decision_entry=""),
                name="approval_decided_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(decision="approved"),
                name="approval_used_if_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("requested_at")), name="approval_ends"
            ),
        ]
