"""A value that will not print: what a reveal returns until the last moment.

Python cannot forbid a determined reader in the same process (a debugger, `__closure__`); what this stops is
every accidental way out: logs, tracebacks with locals, templates, JSON, pickles, copies, error reports.
"""

from collections.abc import Callable
from hmac import compare_digest
from typing import ClassVar, Generic, Never, NoReturn, SupportsIndex, TypeVar, final

from midan.core.errors import MidanError
from midan.core.grant import Grant

T_co = TypeVar("T_co", covariant=True)

SHOWN = "<secret ••••>"


class GrantMismatch(MidanError):
    """The grant shown was issued for another act than the one that opened this value."""

    code: ClassVar[str] = "grant_mismatch"
    clause: ClassVar[str | None] = "L2.2"
    status: ClassVar[int] = 403


@final
class Secret(Generic[T_co]):
    """Hold one plaintext value; only `reveal(grant)` gives it back.

    Showing it in any way gives `<secret ••••>`; serialising or copying it raises TypeError. With `entry_id`
    set, only the grant of that log entry opens it. Two secrets compare in constant time; none is hashable:
    a set of secrets would answer guesses.
    """

    __slots__ = ("_entry_id", "_open")

    _entry_id: str | None
    _open: Callable[[], T_co]
    __hash__: ClassVar[None]  # type: ignore[assignment]  # the documented way to make a class unhashable

    def __init__(self, value: T_co, *, entry_id: str | None = None) -> None:
        # Kept in a closure, so that tools which print slots print a function.
        object.__setattr__(self, "_open", lambda: value)
        object.__setattr__(self, "_entry_id", entry_id)

    def reveal(self, grant: Grant) -> T_co:
        """Return the value to whoever holds the grant of the committed log entry; else GrantMismatch."""
        if not isinstance(grant, Grant):
            raise TypeError("a secret is revealed to a Grant only")
        if self._entry_id is not None and not compare_digest(self._entry_id, grant.entry_id):
            raise GrantMismatch("授权凭据与本次查看不符")
        return self._open()

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, spec: str, /) -> str:
        # The width is ignored: padding must not tell anything either.
        return SHOWN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return _same(self._open(), other._open())

    def __setattr__(self, name: str, value: object, /) -> NoReturn:
        raise AttributeError("a secret does not change")

    def __delattr__(self, name: str, /) -> NoReturn:
        raise AttributeError("a secret does not change")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        raise TypeError("a secret is not serialised")

    def __copy__(self) -> NoReturn:
        raise TypeError("a secret is not copied")

    def __deepcopy__(self, memo: dict[int, Never], /) -> NoReturn:
        raise TypeError("a secret is not copied")


def _same(one: object, other: object) -> bool:
    """Compare without telling by time how much agrees; lengths may show."""
    if isinstance(one, str) and isinstance(other, str):
        return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
    if isinstance(one, bytes) and isinstance(other, bytes):
        return compare_digest(one, other)
    return one == other
