"""Serve a WSGI application with the key process and the jobs beside it: started and stopped together."""

import errno
import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import ClassVar, Final, NoReturn

from midan.config.hardening import harden
from midan.config.kept import Kept, kept, until_told
from midan.config.start import error_line, ready, spare_turns
from midan.core.errors import MidanError

_KEYD_STARTS_IN: Final = 30.0  # seconds
_LOOK_EVERY: Final = 0.05
_LOOK_AGAIN: Final = 1.0
_PEER: Final = struct.Struct("3i")  # pid, uid, gid: struct ucred, unix(7)
_STANDBY: Final = (
    "此 MIDAN_HOME 已有服务在运行：本服务只用自己的端口 %(port)d，密钥进程待命"
    "  /  this home is served already: own port, keyd on standby\n"
)


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

    Links lead to the port unless MIDAN_BASE_URL says otherwise. `on_address` is told home and address by the one
    server whose keyd serves the home.
    """
    if not os.environ.get("MIDAN_BASE_URL"):
        os.environ["MIDAN_BASE_URL"] = f"http://localhost:{port}"
    os.environ["MIDAN_KEYD"] = "served"
    os.environ["MIDAN_PROCESS"] = "web"
    ready()
    _refuse_bad_place(host, port)
    with kept("midan-keyd", run_keyd) as keyd:
        _refuse_bad_vault(keyd)
        _refuse_bad_log()
        _tell_address(keyd, on_address, port=port)
        with kept("midan-jobs", run_jobs):
            _serve(application, host=host, port=port, workers=workers)


def _tell_address(keyd: Kept, tell: Callable[[Path, str], object], *, port: int) -> None:
    """Tell the address once keyd of this server is the home's; beside another server, when that one is gone."""
    from midan.catalog.settings import current

    home, url = current().home, current().base_url
    if _serves(keyd):
        tell(home, url)
        return
    sys.stdout.write(_STANDBY % {"port": port})
    sys.stdout.flush()

    def when_it_serves() -> None:
        while not _serves(keyd):
            sleep(_LOOK_AGAIN)
        tell(home, url)

    Thread(target=when_it_serves, name="midan-address", daemon=True).start()


def _serves(keyd: Kept) -> bool:
    """Return whether the process that listens at the home's socket is this one: the kernel says who it is."""
    from midan.catalog.settings import current
    from midan.vault.keyd import wire

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_LOOK_AGAIN)
        try:
            with wire.reachable(current().keyd_socket) as name:
                probe.connect(name)
            peer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        except OSError:
            return False
    return bool(_PEER.unpack(peer)[0] == keyd.pid)


def _serve(application: str, *, host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from midan.catalog.settings import current

    sys.stdout.write(f"密单 Midan  {current().base_url}   (Ctrl-C 停止 / stops)\n")
    sys.stdout.flush()
    web = Granian(
        application,
        address=host,
        port=port,
        uds=current().socket,
        # The proxy's group: nobody else asks here, so what is said here of a client's certificate is the proxy's word.
        uds_permissions=0o660 if current().socket else None,
        interface=Interfaces.WSGI,
        workers=workers,
        # A slow sender holds a thread until its body has come: sixteen a process, and a buffering proxy in front.
        blocking_threads=16,
        # A worker that dies takes the requests it held with it and nothing else.
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,
    )
    _let_go_of_the_database()
    web.serve()


def _let_go_of_the_database() -> None:
    """Close what this process has open: web workers are forked, and a pool's threads do not come along."""
    from django.db import connections

    connections.close_all()
    for connection in connections.all(initialized_only=True):
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def run_keyd() -> None:
    """Hold the keys and answer at the socket until told to stop. Entry point of a process of its own."""
    stop = until_told()
    os.environ["MIDAN_PROCESS"] = "keyd"
    try:
        ready()
        from django.utils import timezone

        from midan.catalog.settings import current
        from midan.core import sm
        from midan.vault import keyd
        from midan.vault.keyd.server import serve

        sm.self_test()
        harden()
        spare_turns()
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
    """Run the sequencer, the sweeper, the destruction and the backups until told to stop. Entry point of a process."""
    stop = until_told()
    os.environ["MIDAN_PROCESS"] = "jobs"
    ready()
    from midan.access.jobs import sweep_forever
    from midan.audit.jobs import sequence_forever
    from midan.destruction.jobs import destroy_forever, drill_forever
    from midan.duties.jobs import remind_forever
    from midan.gateway.jobs import tidy_forever
    from midan.people.jobs import keep_staff_forever
    from midan.vault.backup.jobs import keep_backups
    from midan.vault.jobs import keep_partitions

    # A backup on its way is a process of its own: it ends by itself, whole or not at all.
    backups = Thread(target=keep_backups, args=(stop,), name="midan-backups", daemon=True)
    drills = Thread(target=drill_forever, args=(stop,), name="midan-drills", daemon=True)
    beside = [
        Thread(target=loop, args=(stop,), name=f"midan-{name}")
        for name, loop in (
            ("sweeper", sweep_forever),
            ("destruction", destroy_forever),
            ("partitions", keep_partitions),
            ("reminders", remind_forever),
            ("staff", keep_staff_forever),
            ("clients", tidy_forever),
        )
    ]
    for thread in (backups, drills, *beside):
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


def _refuse_bad_log() -> None:
    """Unseal the key that signs the log: without it nothing that is read would be proved, so nothing is served."""
    from midan.audit.keys import signing_key, verifier

    verifier()
    signing_key()


def _refuse_bad_place(host: str, port: int) -> None:
    """Raise PortTaken where the server could not listen: at its socket, or else at its port."""
    from midan.catalog.settings import current

    path = current().socket
    if path is None:
        _refuse_bad_port(host, port)
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return  # Left behind by a server that was killed: the next one takes its place.
        except FileNotFoundError:
            if path.parent.is_dir() and os.access(path.parent, os.W_OK):
                return
        except OSError:
            pass
        else:
            raise PortTaken("套接字已被占用")
    raise PortTaken("无法使用这个套接字")


def _refuse_bad_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken("端口 %(port)d 已被占用", port=port) from error
            raise PortTaken("无法使用端口 %(port)d", port=port) from error
