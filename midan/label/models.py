"""The register of printed copies. A row names a waybill by sequence and nobody by anything else."""

from django.db import models

from midan.label.rules import DPIS, Format, Size


class Print(models.Model):
    """One printed copy of one label. Its id is what the QR code carries, encrypted; `batch` is the first of its file.

    Rows are only ever added (migration 0003), and the entry of each batch carries the root of its waybill numbers.
    """

    print_id = models.BigIntegerField(primary_key=True)
    batch = models.BigIntegerField(db_index=True)
    seq = models.BigIntegerField()
    copy_no = models.IntegerField()
    actor = models.TextField()
    branch = models.TextField()
    at = models.DateTimeField(db_index=True)
    format = models.CharField(max_length=4)
    size = models.CharField(max_length=8)
    dpi = models.SmallIntegerField()
    reason = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seq", "copy_no"], name="label_copy_once"),
            models.CheckConstraint(
                condition=models.Q(print_id__gte=0, print_id__lt=1 << 40), name="label_print_id_is_u40"
            ),
            models.CheckConstraint(
                condition=models.Q(format__in=[item.value for item in Format]), name="label_format"
            ),
            models.CheckConstraint(
                condition=models.Q(size__in=[item.value for item in Size]), name="label_size"
            ),
            models.CheckConstraint(condition=models.Q(dpi__in=DPIS), name="label_dpi"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="label_has_reason"),
        ]


class Withdrawal(models.Model):
    """A copy whose code opens nothing any more. Rows are only ever added."""

    print_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()


class Counter(models.Model):
    """The next free print id. One row, made on first use."""

    name = models.CharField(max_length=16, primary_key=True)
    next = models.BigIntegerField()
