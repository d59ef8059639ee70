"""The loop keeps going: it waits while something is wrong and catches up when that is over."""

import threading
import time

from midan.audit import jobs, selectors
from midan.audit.errors import LogNotInitialised


def test_the_sequencer_catches_up_after_a_failure(log, monkeypatch, caplog):
    log.write(2)
    stop = threading.Event()
    real, calls = jobs.integrate, []

    def fail_once(*, now):
        calls.append(now)
        if len(calls) == 1:
            raise LogNotInitialised("x")
        real(now=now)
        stop.set()

    monkeypatch.setattr(jobs, "integrate", fail_once)
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)
    begun = time.monotonic()
    jobs.sequence_forever(stop, interval=0.01)
    assert time.monotonic() - begun < 10
    assert selectors.checkpoint().size == 2
    assert "log_not_initialised" in caplog.text


def test_a_stop_that_is_already_asked_for_does_nothing(log):
    stop = threading.Event()
    stop.set()
    log.write(1)
    jobs.sequence_forever(stop)
    assert selectors.checkpoint() is None
