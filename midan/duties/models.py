"""What is to be signed, learnt and checked, and who has. Rows name staff by number: they outlive the register's."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from midan.duties.rules import Duty, Kind, Result


class Document(models.Model):
    """One version of a text to be signed; the highest number of its kind is in force. Never changed."""

    kind = models.CharField(max_length=10)
    number = models.IntegerField()
    zh = models.TextField()
    en = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="duties_document_version"),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in Kind]), name="duties_document_kind"
            ),
        ]


class Signature(models.Model):
    """One person's signature under one version. `statement` is signed by the server, byte for byte as it stands here."""

    staff_no = models.CharField(max_length=12)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signatures")
    at = models.DateTimeField()
    until = models.DateField(null=True)
    statement = models.TextField()
    signature = models.BinaryField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["staff_no", "document"], name="duties_signature_of_person")]


class Edition(models.Model):
    """One edition of a course, as published; the highest number of its name is in force. Never changed."""

    slug = models.CharField(max_length=32)
    number = models.IntegerField()
    required = models.BooleanField()
    text = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "number"], name="duties_edition_version")]


class Reading(models.Model):
    """A person reached the last page of an edition."""

    staff_no = models.CharField(max_length=12)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff_no", "edition"], name="duties_reading_once")]


class Exam(models.Model):
    """One exam, drawn from one edition: `drawn` is a list of [question, order of its options]."""

    id = models.BinaryField(max_length=16, primary_key=True)
    staff_no = models.CharField(max_length=12)
    slug = models.CharField(max_length=32)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="exams")
    drawn = models.JSONField()
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    right = models.IntegerField(default=0)
    passed = models.BooleanField(default=False)
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_no", "slug"], condition=Q(ended_at=None), name="duties_one_exam_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(passed=False, until=None)
                | Q(passed=True, until__isnull=False, ended_at__isnull=False),
                name="duties_pass_has_an_end",
            ),
        ]
        indexes = [models.Index(fields=["staff_no", "slug", "-started_at"], name="duties_exam_of_person")]


class Check(models.Model):
    """One background check: asked for, then answered once. The evidence is sealed (midan.vault.files)."""

    id = models.BinaryField(max_length=16, primary_key=True)
    staff_no = models.CharField(max_length=12)
    requested_by = models.TextField()
    requested_at = models.DateTimeField()
    result = models.CharField(max_length=6, default="")
    concluded_by = models.TextField(default="")
    concluded_at = models.DateTimeField(null=True)
    until = models.DateField(null=True)
    sealed = models.BinaryField(null=True)
    size = models.IntegerField(default=0)
    digest = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_no"], condition=Q(result=""), name="duties_one_check_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(result__in=["", *(one.value for one in Result)]), name="duties_check_result"
            ),
            models.CheckConstraint(
                condition=Q(result="", concluded_at=None) | (~Q(result="") & Q(concluded_at__isnull=False)),
                name="duties_check_concluded",
            ),
            models.CheckConstraint(
                condition=~Q(result="passed") | Q(until__isnull=False, sealed__isnull=False),
                name="duties_check_has_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(concluded_by=Concat(Value("staff:"), F("staff_no"))),
                name="duties_check_by_another",
            ),
        ]
        indexes = [models.Index(fields=["staff_no", "-concluded_at"], name="duties_check_of_person")]


class Reminder(models.Model):
    """That a duty ends soon, written once for each of 30, 7 and 1 days ahead."""

    staff_no = models.CharField(max_length=12)
    duty = models.CharField(max_length=10)
    until = models.DateField()
    ahead = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_no", "duty", "until", "ahead"], name="duties_reminder_once"
            ),
            models.CheckConstraint(
                condition=Q(duty__in=[one.value for one in Duty]), name="duties_reminder_duty"
            ),
        ]
