"""Serve a WSGI application with the sequencer beside it: started and stopped together."""

import errno
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import ClassVar

from midan.config.start import ready
from midan.core.errors import MidanError


class PortTaken(MidanError):
    """Somebody else listens there."""

    code: ClassVar[str] = "port_taken"
    exit_code: ClassVar[int] = 4


def run(
    application: str,
    *,
    host: str,
    port: int,
    workers: int,
    on_address: Callable[[Path, str], object] = lambda _home, _url: None,
) -> None:
    """Serve one WSGI application with the jobs beside it until told to stop.

    Links lead to the port unless MIDAN_BASE_URL says otherwise; `on_address` is told home and address once both
    are sure.
    """
    if not os.environ.get("MIDAN_BASE_URL"):
        os.environ["MIDAN_BASE_URL"] = f"http://localhost:{port}"
    ready()
    _refuse_bad_state(host, port)
    from granian import Granian
    from granian.constants import Interfaces

    from midan.catalog.settings import current

    on_address(current().home, current().base_url)
    jobs = multiprocessing.get_context("spawn").Process(target=run_jobs, name="midan-jobs", daemon=True)
    jobs.start()
    sys.stdout.write(f"密单 Midan  {current().base_url}   (Ctrl-C 停止 / stops)\n")
    sys.stdout.flush()
    web = Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # A slow sender holds a thread until its body has come: sixteen a process, and a buffering proxy in front.
        blocking_threads=16,
        websockets=False,
        log_access=False,
    )
    try:
        web.serve()
    finally:
        if jobs.is_alive():
            jobs.terminate()
        jobs.join(timeout=10)


def run_jobs() -> None:
    """Run the sequencer and the sweeper until this process is told to stop. Entry point of a process of its own."""
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    # Ctrl-C reaches the whole group; the parent decides when the jobs end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready()
    from midan.access.jobs import sweep_forever
    from midan.audit.jobs import sequence_forever

    sweeper = Thread(target=sweep_forever, args=(stop,), name="midan-sweeper")
    sweeper.start()
    sequence_forever(stop)
    sweeper.join()


def _refuse_bad_state(host: str, port: int) -> None:
    from midan.core import sm
    from midan.vault import services as vault

    sm.self_test()
    vault.unlock()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken("端口 %(port)d 已被占用", port=port) from error
            raise PortTaken("无法使用端口 %(port)d", port=port) from error
