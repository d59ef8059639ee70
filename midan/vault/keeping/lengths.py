"""How long a class is kept. Apart from the other reads of keeping, for keyd asks here and everything else asks keyd."""

from datetime import date, timedelta

from midan.catalog.rules import RETENTION
from midan.vault import models
from midan.vault.keeping.rules import LengthView


def length(retention: str) -> LengthView:
    """Return the length in force for a class: the newest the company set, else the catalogue's; KeyError."""
    kept = RETENTION[retention]
    row = models.Length.objects.filter(retention=retention).order_by("-id").first()
    return LengthView(
        retention=retention,
        days=kept.days if row is None else row.days,
        settle_days=kept.settle_days if row is None else row.settle_days,
        cap_days=kept.cap_days,
        basis="" if row is None else row.basis,
        document="" if row is None else row.document,
        set_by="" if row is None else row.set_by,
        set_at=None if row is None else row.set_at,
    )


def due_day(retention: str, day: date) -> date:
    """Return the day an epoch of this class opened now for `day` is due, by the length in force."""
    kept = length(retention)
    return day + timedelta(days=min(kept.days + kept.settle_days, kept.cap_days))
