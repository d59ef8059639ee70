"""keyd in another process: each call one exchange over its Unix socket. No key stays here but the named company secrets."""

import socket
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from queue import Empty, Full, LifoQueue
from threading import BoundedSemaphore
from typing import Any, Final

import msgspec
from django.utils.translation.trans_null import gettext_noop

from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.grant import Grant
from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant
from midan.vault.errors import GrantRefused, VaultLocked
from midan.vault.keyd import patience, wire
from midan.vault.keyd.interface import (
    CompanySecrets,
    Destroyed,
    Inspection,
    KeyStatus,
    MaskedPart,
    Punctured,
    Rotation,
    SealedPart,
    Settled,
    Status,
)
from midan.vault.keyd.statebook import StateBook
from midan.vault.rules import Lease

_IDLE: Final = 32


def answers(path: Path) -> bool:
    """Return whether a keyd serves at this socket."""
    try:
        with closing(_connect(path)):
            return True
    except VaultLocked:
        return False


class RemoteKeyd:
    """The calls of midan.vault.keyd.interface, sent to the keyd that serves at `path`. Fails closed: VaultLocked."""

    is_remote = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: LifoQueue[socket.socket] = LifoQueue(_IDLE)
        self._secrets: dict[str, bytes] = {}
        self._turns = BoundedSemaphore(patience.MOST_WAITING)
        weakref.finalize(self, _close_all, self._idle)

    def __repr__(self) -> str:
        return "<RemoteKeyd ••••>"

    def status(self) -> Status:
        """Unlock if need be and return facts."""
        found: Status = self._call("status")
        return found

    def acknowledge(self) -> int:
        """Have the keyd that serves look at the state of the keys now."""
        version: int = self._call("acknowledge")
        return version

    def create_generation(self) -> int:
        """Make the first generation secret with the keeper, or find the one of an interrupted start."""
        number: int = self._call("create_generation")
        return number

    def create_company_secrets(self) -> CompanySecrets:
        """Return fresh company secrets, sealed."""
        secrets: CompanySecrets = self._call("create_company_secrets")
        return secrets

    def company_secret(self, name: str) -> bytes:
        """Return one secret of the company. It never changes, so it is asked for once."""
        if name not in self._secrets:
            self._secrets[name] = self._call("company_secret", name)
        return self._secrets[name]

    def reserve(
        self,
        *,
        retention: str,
        day: date,
        records: int,
        due: date | None = None,  # noqa: ARG002  # keyd reckons the day due itself
    ) -> Lease:
        """Return a block of records never used before, with its keys."""
        lease: Lease = self._call("reserve", retention, day, records)
        return lease

    def mask_orders(self, seqs: Sequence[int], parts: Collection[PartCode]) -> list[MaskedPart]:
        """Return the masked fields of these parts, as far as they have a key."""
        masked: list[MaskedPart] = self._call("mask_orders", seqs, list(parts))
        return masked

    def open_order(
        self,
        *,
        grant: Grant,
        seq: int,
        now: datetime,  # noqa: ARG002  # keyd has a clock of its own
    ) -> Mapping[str, str]:
        """Return the fields the grant names."""
        if type(grant) is not Grant:
            raise GrantRefused("type")
        values: dict[str, str] = self._call("open_order", grant, seq)
        return values

    def same_identity(self, *, entry_id: str, seq: int, id_number: str, now: datetime) -> bool:  # noqa: ARG002
        """Return whether the number sealed for this order is this one."""
        same: bool = self._call("same_identity", entry_id, seq, id_number)
        return same

    def check_parts(self, parts: Sequence[SealedPart]) -> list[bool | None]:
        """Return, for each part, whether it opens only with its own key and record; None for an erased one."""
        checked: list[bool | None] = self._call("check_parts", parts)
        return checked

    def inspect(self, *, now: datetime) -> Inspection:  # noqa: ARG002  # as above
        """Return the last inspection of storage."""
        inspected: Inspection = self._call("inspect")
        return inspected

    def find(
        self,
        kind: Kind,
        value: str,
        *,
        commit: Callable[[], str],
        now: datetime,  # noqa: ARG002  # as above
    ) -> list[tuple[int, int]]:
        """Return (sequence, part code) of every order with this value: keyd derives while `commit` writes."""
        with self._connection() as connection:
            _send(connection, wire.encode(_request("find", kind, value)))
            entry_id = commit()
            found: list[tuple[int, int]] = _value("find", _over(connection, wire.encode(entry_id)))
        return found

    def rotate(self, *, actor: Actor, now: datetime) -> Rotation:  # noqa: ARG002
        """Turn the ratchet."""
        rotation: Rotation = self._call("rotate", actor)
        return rotation

    def settle(self, *, actor: Actor, now: datetime) -> Settled:  # noqa: ARG002
        """Let keepers that are back catch up."""
        settled: Settled = self._call("settle", actor)
        return settled

    def destroy(self, *, actor: Actor, warrant: Warrant, epochs: Sequence[int], now: datetime) -> Destroyed:  # noqa: ARG002
        """Destroy whole epochs."""
        destroyed: Destroyed = self._call("destroy", actor, warrant, epochs)
        return destroyed

    def puncture(self, *, actor: Actor, warrant: Warrant, cuts: Sequence[Cut], now: datetime) -> Punctured:  # noqa: ARG002
        """Destroy single records and parts."""
        punctured: Punctured = self._call("puncture", actor, warrant, cuts)
        return punctured

    def reseal(
        self,
        *,
        actor: Actor,
        warrant: Warrant,
        run: str,
        causes: Mapping[int, str],
        now: datetime,  # noqa: ARG002
    ) -> int:
        """Carry records past their day."""
        moved: int = self._call("reseal", actor, warrant, run, causes)
        return moved

    def key_status(self) -> KeyStatus:
        """Return how generation and keepers stand."""
        status: KeyStatus = self._call("key_status")
        return status

    def state_book(self, *, since: date, limit: int) -> StateBook:
        """Return what the states tell."""
        found: StateBook = self._call("state_book", since, limit)
        return found

    def _call(self, method: str, *arguments: object) -> Any:
        with self._connection() as connection:
            connection.settimeout(patience.of(method, arguments))
            answer = _over(connection, wire.encode(_request(method, *arguments)))
        return _value(method, answer)

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        """Lend a connection to a living keyd; after any error it is closed, for the answer may still be under way.

        A keyd that does not answer in time is not asked again: it may be at work on the first call still.
        """
        if not self._turns.acquire(timeout=patience.FOR_A_TURN):
            raise _silent()
        try:
            connection = self._kept() or _connect(self._path)
            try:
                connection.settimeout(patience.LEAST)
                yield connection
            except BaseException:
                connection.close()
                raise
            try:
                self._idle.put_nowait(connection)
            except Full:
                connection.close()
        finally:
            self._turns.release()

    def _kept(self) -> socket.socket | None:
        """Return an idle connection whose other end is still there: a keyd started anew has left the older ones."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                return None
            if _is_quiet(connection):
                return connection
            connection.close()


def _is_quiet(connection: socket.socket) -> bool:
    """Return whether the connection stands and has nothing to say."""
    connection.settimeout(0)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _request(method: str, *arguments: object) -> wire.Request:
    return wire.Request(method, msgspec.Raw(wire.encode(arguments)))


def _value(method: str, answer: wire.Answer) -> Any:
    if answer.fault is not None:
        raise wire.error_of(answer.fault)
    return wire.CALLS[method].value.decode(answer.value)


def _over(connection: socket.socket, message: bytes) -> wire.Answer:
    _send(connection, message)
    try:
        return wire.read_answer(wire.receive_answer(connection))
    except (OSError, wire.Broken):
        raise _silent() from None


def _send(connection: socket.socket, message: bytes) -> None:
    try:
        wire.send(connection, message)
    except OSError:
        raise _silent() from None


def _silent() -> VaultLocked:
    return VaultLocked(gettext_noop("密钥进程没有应答，保险库已锁定"))


def _close_all(idle: "LifoQueue[socket.socket]") -> None:
    while not idle.empty():
        idle.get_nowait().close()


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(patience.LEAST)
        with wire.reachable(path) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        raise _silent() from None
    return connection
