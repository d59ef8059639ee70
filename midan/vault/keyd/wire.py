"""How a call crosses the socket: length u32, then MessagePack; every argument and answer has its type and is checked."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from midan.catalog.settings import PassphraseUnreadable
from midan.core.actor import Actor
from midan.core.blind import Kind
from midan.core.errors import MidanError
from midan.core.grant import Grant
from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant
from midan.store.errors import StorageFailed, StorageFull
from midan.vault import errors
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

# A batch of 500 labels is half a megabyte; nothing that comes near this is a call of ours.
MOST_BYTES: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")
_LONGEST_NAME: Final = 107  # bytes of a path in sockaddr_un, unix(7)


class Broken(Exception):
    """The connection ended, or what came is no call of ours."""


class Request(msgspec.Struct, array_like=True):
    """One call, its arguments in order."""

    method: str
    arguments: msgspec.Raw


class Fault(msgspec.Struct, array_like=True):
    """An error of ours by the name of its class: counts and names only, as in every MidanError."""

    kind: str
    message: str
    details: dict[str, Any]


class Answer(msgspec.Struct, array_like=True):
    """Either a fault or a value."""

    fault: Fault | None
    value: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Call:
    """The types of one method's arguments and answer."""

    arguments: msgspec.msgpack.Decoder[Any]
    value: msgspec.msgpack.Decoder[Any]


def _call(arguments: Any, value: Any) -> Call:
    return Call(msgspec.msgpack.Decoder(arguments), msgspec.msgpack.Decoder(value))


CALLS: Final[dict[str, Call]] = {
    "status": _call(tuple[()], Status),
    "acknowledge": _call(tuple[()], int),
    "create_generation": _call(tuple[()], int),
    "create_company_secrets": _call(tuple[()], CompanySecrets),
    "company_secret": _call(tuple[str], bytes),
    "reserve": _call(tuple[str, date, int], Lease),
    "mask_orders": _call(tuple[list[int], list[PartCode]], list[MaskedPart]),
    "open_order": _call(tuple[Grant, int], dict[str, str]),
    "same_identity": _call(tuple[str, int, str], bool),
    "check_parts": _call(tuple[list[SealedPart]], list[bool | None]),
    "inspect": _call(tuple[()], Inspection),
    "find": _call(tuple[Kind, str], list[tuple[int, int]]),
    "rotate": _call(tuple[Actor], Rotation),
    "settle": _call(tuple[Actor], Settled),
    "destroy": _call(tuple[Actor, Warrant, list[int]], Destroyed),
    "puncture": _call(tuple[Actor, Warrant, list[Cut]], Punctured),
    "reseal": _call(tuple[Actor, Warrant, str, dict[int, str]], int),
    "key_status": _call(tuple[()], KeyStatus),
    "state_book": _call(tuple[date, int], StateBook),
}
encode: Final = msgspec.msgpack.Encoder().encode
read_request: Final = msgspec.msgpack.Decoder(Request).decode
read_answer: Final = msgspec.msgpack.Decoder(Answer).decode
read_entry_id: Final = msgspec.msgpack.Decoder(str).decode
NOTHING: Final = msgspec.Raw(encode(None))

_FAULTS: Final[dict[str, type[MidanError]]] = {
    "PassphraseUnreadable": PassphraseUnreadable,
    "StorageFull": StorageFull,
    "StorageFailed": StorageFailed,
    **{name: kind for name in errors.__all__ if issubclass(kind := getattr(errors, name), MidanError)},
}


def fault_of(error: MidanError) -> Fault:
    """Return the error as it crosses; one that is none of the vault's or the disk's crosses as VaultLocked."""
    kind = type(error).__name__
    return Fault(kind if kind in _FAULTS else "VaultLocked", str(error.message), dict(error.details))


def error_of(fault: Fault) -> MidanError:
    """Return the error a fault stands for."""
    kind = _FAULTS.get(fault.kind, errors.VaultLocked)
    error = kind.__new__(kind)
    MidanError.__init__(error, fault.message, **fault.details)
    return error


def send(connection: socket.socket, message: bytes) -> None:
    """Send one frame."""
    connection.sendall(_LENGTH.pack(len(message)) + message)


def receive(connection: socket.socket) -> bytes | None:
    """Return the next frame, None at the end of the connection; Broken in the middle of one or when it is too long."""
    head = _exactly(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MOST_BYTES:
        raise Broken
    body = _exactly(connection, length)
    if body is None:
        raise Broken
    return body


def receive_when_it_comes(connection: socket.socket, patience: float) -> bytes | None:
    """Wait for a frame as long as it takes, and for each piece of it, once begun, `patience` seconds: TimeoutError."""
    connection.settimeout(None)
    connection.recv(1, socket.MSG_PEEK)
    connection.settimeout(patience)
    return receive(connection)


def receive_answer(connection: socket.socket) -> bytes:
    """Return the next frame; Broken when the connection ends instead."""
    frame = receive(connection)
    if frame is None:
        raise Broken
    return frame


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    buffer = bytearray(size)
    view, have = memoryview(buffer), 0
    while have < size:
        got = connection.recv_into(view[have:])
        if got == 0:
            if have:
                raise Broken
            return None
        have += got
    return bytes(buffer)


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Yield a name of the socket short enough for the kernel, however deep its folder lies."""
    if len(os.fsencode(path)) <= _LONGEST_NAME:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
