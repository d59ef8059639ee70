"""Tables of collection: notices and their bases, consents, batches, references, real-name checks, uploads.

No plaintext in any.
"""

from django.db import models

from midan.core.fields.document import DocumentKind


class Notice(models.Model):
    """One version in one language. Never changed once published: a trigger refuses, the log holds its digest."""

    version = models.CharField(max_length=10)
    lang = models.CharField(max_length=2)
    body = models.BinaryField()
    digest = models.BinaryField()
    published_at = models.DateTimeField()
    entry_id = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "lang"], name="collection_notice_once")]


class Basis(models.Model):
    """What a notice told one party: this purpose, on this basis, in this way, with these fields."""

    version = models.CharField(max_length=10)
    party = models.CharField(max_length=9)
    purpose = models.CharField(max_length=32)
    basis = models.CharField(max_length=20)
    method = models.TextField()
    fields = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "party", "purpose"], name="collection_basis_once")
        ]


class Consent(models.Model):
    """A yes of one party to one optional purpose as one notice put it; withdrawing closes the row, never deletes it."""

    party = models.BinaryField()
    side = models.CharField(max_length=9)
    purpose = models.CharField(max_length=32)
    method = models.TextField()
    fields = models.TextField()
    notice_version = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    given_entry = models.CharField(max_length=32)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_entry = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="collection_consent_live_once",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True)
                | models.Q(withdrawn_at__gte=models.F("given_at")),
                name="collection_consent_order",
            ),
        ]


class Batch(models.Model):
    """What one commit took in: the entry in the log names the same root over the waybill numbers."""

    id = models.BinaryField(primary_key=True)
    client = models.TextField()
    branch = models.TextField()
    accepted = models.IntegerField()
    replayed = models.IntegerField()
    rejected = models.IntegerField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    root = models.BinaryField()
    entry_id = models.CharField(max_length=32)
    created_at = models.DateTimeField(db_index=True)


class Reference(models.Model):
    """An order seen before, by keyed digests of client with reference, and of content.

    The row goes when the order is destroyed. `content` is empty where it was forgotten: a person of the order was erased
    or corrected, or this place was made from a backup, which has none.
    """

    reference = models.BinaryField(primary_key=True)
    content = models.BinaryField(db_default=b"")
    seq = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["seq"], name="collection_reference_of")]


class RealName(models.Model):
    """That a sender showed a document, of what kind, to whom and when. Once a waybill; never its number.

    Rows are only added, and outlive the number: that it was checked says nothing about anybody.
    """

    seq = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    checked_by = models.CharField(max_length=128)
    at = models.DateTimeField(db_index=True)
    entry_id = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in DocumentKind]),
                name="collection_realname_kind",
            )
        ]


class Upload(models.Model):
    """Progress of a file; neither its content nor its name."""

    id = models.BinaryField(primary_key=True)
    actor = models.TextField()
    client = models.TextField()
    branch = models.TextField()
    format = models.CharField(max_length=8)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=32)
    accepted = models.IntegerField()
    replayed = models.IntegerField()
    rejected = models.IntegerField()
    started_at = models.DateTimeField(db_index=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "done", "refused", "interrupted"]),
                name="collection_upload_state",
            )
        ]
