"""The sweeper: it goes on after a failure, and what is over is emptied."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError

from midan.access import jobs, services
from midan.access.models import Ticket


@pytest.fixture
def stop(monkeypatch):
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)
    return threading.Event()


def test_the_digest_of_a_ticket_that_is_over_goes_by_itself(world, stop, monkeypatch):
    opened = world.now - timedelta(days=2)
    for now in (opened, world.now):
        services.open_ticket(
            actor=world.actor("agent"), reason="customer_asked", phone="17000005678", now=now
        )
    real, tries = jobs.sweep_tickets, []

    def fail_once(*, now):
        tries.append(now)
        if len(tries) == 1:
            raise OperationalError("database is locked")
        real(now=world.now)
        stop.set()

    monkeypatch.setattr(jobs, "sweep_tickets", fail_once)
    jobs.sweep_forever(stop, interval=0.01)
    kept = [bool(ticket.digest) for ticket in Ticket.objects.order_by("opened_at")]
    assert kept == [False, True]


def test_the_server_runs_every_job_beside_the_sequencer(monkeypatch):
    import midan.access.jobs
    import midan.audit.jobs
    import midan.destruction.jobs
    import midan.duties.jobs
    import midan.gateway.jobs
    import midan.people.jobs
    import midan.vault.backup.jobs
    import midan.vault.jobs
    from midan.config import server

    ran = []
    monkeypatch.setattr(server, "ready", lambda: None)
    monkeypatch.setattr(server, "until_told", threading.Event)
    monkeypatch.setattr(midan.access.jobs, "sweep_forever", lambda stop: ran.append("sweeper"))
    monkeypatch.setattr(midan.audit.jobs, "sequence_forever", lambda stop: ran.append("sequencer"))
    monkeypatch.setattr(midan.destruction.jobs, "destroy_forever", lambda stop: ran.append("destruction"))
    monkeypatch.setattr(midan.vault.backup.jobs, "keep_backups", lambda stop: ran.append("backups"))
    monkeypatch.setattr(midan.vault.jobs, "keep_partitions", lambda stop: ran.append("partitions"))
    monkeypatch.setattr(midan.duties.jobs, "remind_forever", lambda stop: ran.append("reminders"))
    monkeypatch.setattr(midan.gateway.jobs, "tidy_forever", lambda stop: ran.append("clients"))
    monkeypatch.setattr(midan.people.jobs, "keep_staff_forever", lambda stop: ran.append("staff"))
    monkeypatch.setattr(midan.destruction.jobs, "drill_forever", lambda stop: ran.append("drills"))
    monkeypatch.setattr(server.os, "environ", dict(server.os.environ))
    server.run_jobs()
    beside = ["backups", "clients", "destruction", "drills", "partitions", "reminders", "staff", "sweeper"]
    assert sorted(ran) == sorted([*beside, "sequencer"])
