"""Serve one LocalKeyd over a Unix socket: whoever is not of this account is turned away before a byte is read."""

import fcntl
import logging
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingMixIn, UnixStreamServer
from threading import Event, Thread
from typing import Any, Final

import msgspec
from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone
from django.utils.translation.trans_null import gettext_noop

from midan.catalog.rules import SEALED
from midan.core.errors import MidanError
from midan.store.disk import disk_error
from midan.vault.errors import BlockRefused, VaultLocked
from midan.vault.keyd import tenure, wire
from midan.vault.keyd.local import LocalKeyd
from midan.vault.rules import LARGEST_BLOCK, Lease

_LOGGER = logging.getLogger(__name__)
_PEER: Final = struct.Struct("3i")  # pid, uid, gid: struct ucred, unix(7)
_PAUSE: Final = 0.2
# Seconds between two looks at the state of the keys: as long as a destruction usually waits for its moment.
_LOOK: Final = 0.5
# Each holds a thread and may hold a database connection: eight web processes' threads and commands beside them.
_MOST_CONNECTIONS: Final = 192
# Seconds for the rest of a call once its first byte has come, and for the caller to take the answer.
_PATIENCE: Final = 10.0
# A search's caller may wait for the database's one writer.
_PATIENCE_FOR_A_COMMIT: Final = 60.0
# An intake takes records of the day it began, and may go on past midnight.
_AN_INTAKE: Final = timedelta(days=1)
# How far a caller's clock may be ahead of ours.
_AHEAD: Final = timedelta(minutes=5)


def serve(begin: Callable[[], LocalKeyd], path: Path, stop: Event) -> None:
    """Serve what `begin` returns until `stop` is set.

    Where another keyd of this home serves, stand by and take over when it ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(path.with_suffix(".lock"), stop) as mine:
        if not mine:
            return
        path.unlink(missing_ok=True)
        with wire.reachable(path) as name, _Server(name, begin()) as server:
            path.chmod(0o600)
            attending = Thread(target=_attend, args=(stop, server.keyd), daemon=True)
            attending.start()
            Thread(target=_end_with, args=(stop, server), daemon=True).start()
            server.serve_forever(poll_interval=_PAUSE)
            attending.join(_PATIENCE)
        path.unlink(missing_ok=True)


def _attend(stop: Event, keyd: LocalKeyd) -> None:
    """Watch the log and keep the lease until `stop` is set, then give it up. While the database refuses, it runs out."""
    while not stop.wait(_LOOK):
        with _telling():
            close_old_connections()
            keyd.tenure.attend()
            keyd.watch.look()
    with _telling():
        keyd.tenure.end()
    connections.close_all()


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, MidanError) as error:
        _LOGGER.warning("keyd cannot renew its lease: %s", type(error).__name__)
        connections.close_all()


def _end_with(stop: Event, server: "_Server") -> None:
    stop.wait()
    server.shutdown()


@contextmanager
def _alone(lock: Path, stop: Event) -> Iterator[bool]:
    """Hold the lock; the kernel drops it with the process, however that ends. Yield False when told to stop first."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not stop.is_set():
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(_PAUSE)
            else:
                yield True
                return
        yield False
    finally:
        os.close(handle)


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, name: str, keyd: LocalKeyd) -> None:
        self.keyd = keyd
        self._talking: set[socket.socket] = set()
        super().__init__(name, _Handler)

    def verify_request(self, request: Any, client_address: object) -> bool:  # noqa: ARG002  # socketserver's signature
        peer = request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        uid: int = _PEER.unpack(peer)[1]
        if len(self._talking) >= _MOST_CONNECTIONS:
            _LOGGER.warning("keyd turns a caller away: %d connections are open", len(self._talking))
            return False
        return uid == os.geteuid()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._talking.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._talking.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for request in tuple(self._talking):
            with suppress(OSError):  # it may be ending by itself
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        _LOGGER.error("a call to keyd broke off")


class _Handler(BaseRequestHandler):
    """One connection: calls one after the other until it ends."""

    server: _Server

    def handle(self) -> None:
        try:
            while (frame := wire.receive_when_it_comes(self.request, _PATIENCE)) is not None:
                close_old_connections()
                answer = self._in_time(_answer(self.server.keyd, frame, self._entry_id))
                close_old_connections()  # back to the pool, while the next call is waited for
                wire.send(self.request, answer)
        except (OSError, wire.Broken):
            pass  # the caller is gone, or never was one
        finally:
            connections.close_all()

    def _in_time(self, answer: wire.Answer) -> bytes:
        """Return the frame; one that opens something and comes late, as after a stop, says that it is locked."""
        message = wire.encode(answer)
        if self.server.keyd.tenure.overtaken():
            return wire.encode(wire.Answer(wire.fault_of(VaultLocked(tenure.LATE)), wire.NOTHING))
        return message

    def _entry_id(self) -> str:
        """Return the entry a search rests on: the caller commits it after the question and sends its id."""
        self.request.settimeout(_PATIENCE_FOR_A_COMMIT)
        return wire.read_entry_id(wire.receive_answer(self.request))


def _answer(keyd: LocalKeyd, frame: bytes, entry_id: Callable[[], str]) -> wire.Answer:
    try:
        request = wire.read_request(frame)
        arguments = wire.CALLS[request.method].arguments.decode(request.arguments)
        if request.method == "find":
            found: object = keyd.find(*arguments, commit=entry_id, now=timezone.now())
        else:
            found = _METHODS[request.method](keyd, *arguments)
        value = msgspec.Raw(wire.encode(found))
    except (wire.Broken, TimeoutError):
        raise
    except MidanError as error:
        return wire.Answer(wire.fault_of(error), wire.NOTHING)
    except Exception as error:  # noqa: BLE001  # the caller learns that it failed; the log, of what kind
        _LOGGER.error("a call to keyd failed: %s", type(error).__name__)  # noqa: TRY400  # a traceback may hold keys
        told = disk_error(error) or VaultLocked(gettext_noop("密钥进程出错，请看日志"))
        if isinstance(error, DatabaseError):
            connections.close_all()
        return wire.Answer(wire.fault_of(told), wire.NOTHING)
    return wire.Answer(None, value)


def _reserve(keyd: LocalKeyd, retention: str, day: date, records: int) -> Lease:
    """Reserve for an intake of today, by the block: all records of a day at once are its root, and its end.

    A day to come is nobody's yet, and the day due is keyd's to reckon: who could name it would have the honest orders
    of that day destroyed by the schedule, without a second person.
    """
    now = timezone.now()
    if not 0 < records <= LARGEST_BLOCK or retention not in SEALED:
        raise BlockRefused
    if not timezone.localdate(now) - _AN_INTAKE <= day <= timezone.localdate(now + _AHEAD):
        raise BlockRefused
    return keyd.reserve(retention=retention, day=day, records=records)


# What the socket offers, method by method: time is keyd's own.
_METHODS: Final[dict[str, Callable[..., object]]] = {
    "status": LocalKeyd.status,
    "acknowledge": LocalKeyd.acknowledge,
    "create_generation": LocalKeyd.create_generation,
    "create_company_secrets": LocalKeyd.create_company_secrets,
    "company_secret": LocalKeyd.company_secret,
    "reserve": _reserve,
    "mask_orders": LocalKeyd.mask_orders,
    "open_order": lambda keyd, grant, seq: keyd.open_order(grant=grant, seq=seq, now=timezone.now()),
    "same_identity": lambda keyd, entry_id, seq, id_number: keyd.same_identity(
        entry_id=entry_id, seq=seq, id_number=id_number, now=timezone.now()
    ),
    "check_parts": LocalKeyd.check_parts,
    "inspect": lambda keyd: keyd.inspect(now=timezone.now()),
    "rotate": lambda keyd, actor: keyd.rotate(actor=actor, now=timezone.now()),
    "settle": lambda keyd, actor: keyd.settle(actor=actor, now=timezone.now()),
    "destroy": lambda keyd, actor, warrant, epochs: keyd.destroy(
        actor=actor, warrant=warrant, epochs=epochs, now=timezone.now()
    ),
    "puncture": lambda keyd, actor, warrant, cuts: keyd.puncture(
        actor=actor, warrant=warrant, cuts=cuts, now=timezone.now()
    ),
    "reseal": lambda keyd, actor, warrant, run, causes: keyd.reseal(
        actor=actor, warrant=warrant, run=run, causes=causes, now=timezone.now()
    ),
    "key_status": LocalKeyd.key_status,
    "state_book": lambda keyd, since, limit: keyd.state_book(since=since, limit=limit),
}
