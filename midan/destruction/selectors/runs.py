"""Runs as others read them."""

from midan.destruction import models
from midan.destruction.errors import CertificateNotReady, RunUnknown
from midan.destruction.rules.runs import CertificateView, RunCutView, RunEpochView, RunView, Step
from midan.store.views import view_of


def run(code: str) -> RunView:
    """Return one run; RunUnknown."""
    row = models.Run.objects.filter(code=code).first()
    if row is None:
        raise RunUnknown
    return view(row)


def runs(*, limit: int = 50) -> tuple[RunView, ...]:
    """Return the newest runs."""
    rows = models.Run.objects.order_by("-id").prefetch_related("steps", "epochs", "cuts")[:limit]
    return tuple(view(row) for row in rows)


def open_runs() -> tuple[str, ...]:
    """Return the runs that are not finished and not given up, oldest first."""
    rows = models.Run.objects.exclude(step=Step.DONE).filter(dropped_at__isnull=True).order_by("id")
    return tuple(rows.values_list("code", flat=True))


def last_finished() -> RunView | None:
    """Return the newest run that has its final certificate, or None."""
    row = models.Run.objects.filter(step=Step.DONE).order_by("-id").first()
    return None if row is None else view(row)


def certificates(*, limit: int = 100) -> tuple[CertificateView, ...]:
    """Return the newest certificate of each run, newest first."""
    rows = (
        models.Certificate.objects.exclude(text=None).select_related("run").order_by("-run_id", "-id")[:limit]
    )
    newest: dict[int, models.Certificate] = {}
    for row in rows:
        newest.setdefault(row.run_id, row)
    return tuple(_certificate(row) for row in newest.values())


def certificate(code: str) -> bytes:
    """Return the newest certificate of a run as issued; CertificateNotReady, RunUnknown."""
    rows = models.Certificate.objects.filter(run__code=run(code).code).exclude(text=None)
    row = rows.order_by("-id").first()
    if row is None or row.text is None:
        raise CertificateNotReady
    return bytes(row.text)


def totals() -> tuple[int, int, int]:
    """Return how many runs finished, how many certificates are final, and how many still wait for a keeper."""
    final = set(models.Certificate.objects.filter(status="final").values_list("run_id", flat=True))
    pending = set(models.Certificate.objects.filter(status="pending").values_list("run_id", flat=True))
    return models.Run.objects.filter(step=Step.DONE).count(), len(final), len(pending - final)


def view(row: models.Run) -> RunView:
    """Return a run with its steps and targets."""
    return view_of(
        RunView,
        row,
        step=Step(row.step),
        steps=tuple(sorted(((Step(one.step), one.at) for one in row.steps.all()), key=lambda pair: pair[1])),
        epochs=tuple(
            view_of(RunEpochView, one) for one in sorted(row.epochs.all(), key=lambda one: one.number)
        ),
        cuts=tuple(
            view_of(RunCutView, one, token=bytes(one.token))
            for one in sorted(row.cuts.all(), key=lambda one: one.id)
        ),
    )


def _certificate(row: models.Certificate) -> CertificateView:
    found = view(row.run)
    return view_of(
        CertificateView, row, number=row.run.code, epochs=len(found.epochs), records=found.destroyed
    )
