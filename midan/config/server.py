"""Serve a WSGI application with the key process and the jobs beside it: started and stopped together."""

import errno
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import ClassVar, Final, NoReturn

from midan.config.hardening import harden
from midan.config.kept import Kept, kept, until_told
from midan.config.start import error_line, ready
from midan.core.errors import MidanError

_KEYD_STARTS_IN: Final = 30.0  # seconds
_LOOK_EVERY: Final = 0.05


class PortTaken(MidanError):
    """Somebody else listens there."""

    code: ClassVar[str] = "port_taken"
    exit_code: ClassVar[int] = 4


class KeydUnstartable(MidanError):
    """The key process cannot make its socket or its lock."""

    code: ClassVar[str] = "keyd_unstartable"
    status: ClassVar[int] = 503
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
    os.environ["MIDAN_KEYD"] = "served"
    ready()
    _refuse_bad_port(host, port)
    with kept("midan-keyd", run_keyd) as keyd:
        _refuse_bad_vault(keyd)
        with kept("midan-jobs", run_jobs):
            _serve(application, host=host, port=port, workers=workers, on_address=on_address)


def _serve(
    application: str, *, host: str, port: int, workers: int, on_address: Callable[[Path, str], object]
) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from midan.catalog.settings import current

    on_address(current().home, current().base_url)
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
    web.serve()


def run_keyd() -> None:
    """Hold the keys and answer at the socket until told to stop. Entry point of a process of its own."""
    stop = until_told()
    try:
        ready()
        from django.utils import timezone

        from midan.catalog.settings import current
        from midan.core import sm
        from midan.vault import keyd
        from midan.vault.keyd.server import serve

        sm.self_test()
        harden()
        serve(lambda: keyd.local(serves_since=timezone.now()), current().keyd_socket, stop)
    except MidanError as error:
        _give_up(error)
    except OSError:
        _give_up(KeydUnstartable("密钥进程无法启动，请检查 MIDAN_HOME 下 run 目录的权限与磁盘空间"))


def _give_up(error: MidanError) -> NoReturn:
    """Say why in one line; the parent starts another one, which may find the cause mended."""
    sys.stderr.write(error_line(error) + "\n")
    sys.stderr.flush()
    os._exit(os.EX_CONFIG)


def run_jobs() -> None:
    """Run the sequencer, the sweeper and the destruction until told to stop. Entry point of a process of its own."""
    stop = until_told()
    ready()
    from midan.access.jobs import sweep_forever
    from midan.audit.jobs import sequence_forever
    from midan.destruction.jobs import destroy_forever

    beside = [
        Thread(target=loop, args=(stop,), name=f"midan-{name}")
        for name, loop in (("sweeper", sweep_forever), ("destruction", destroy_forever))
    ]
    for thread in beside:
        thread.start()
    sequence_forever(stop)
    for thread in beside:
        thread.join()


def _refuse_bad_vault(process: Kept) -> None:
    """Wait for the key process and have it unlock: a wrong passphrase ends the start, not the first order."""
    from midan.catalog.settings import current
    from midan.vault import services as vault
    from midan.vault.keyd.remote import answers

    end = monotonic() + _KEYD_STARTS_IN
    while not answers(current().keyd_socket) and not process.gave_up and monotonic() < end:
        sleep(_LOOK_EVERY)
    vault.unlock()


def _refuse_bad_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken("端口 %(port)d 已被占用", port=port) from error
            raise PortTaken("无法使用端口 %(port)d", port=port) from error
