"""Who acts: the same value from the command line, a page, the API and a job, written into every log entry."""

from dataclasses import dataclass
from typing import Literal, Self

Kind = Literal["staff", "client", "system", "public"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`name` is a staff number, a client id or the name of a system task; never a person's name.

    `via` is the client a staff member acts through (header Midan-Actor), empty for a session.
    `address` is the network address the request came from, `device` a registered device's id.
    """

    kind: Kind
    name: str
    role: str = ""
    branch: str = ""
    device: str = ""
    address: str = ""
    via: str = ""

    @classmethod
    def system(cls, task: str) -> Self:
        """Return the actor of an unattended task, such as 'sequencer'."""
        return cls(kind="system", name=task, role="system")

    @property
    def reference(self) -> str:
        """Return how the log names the actor, such as 'staff:S00017'."""
        return f"{self.kind}:{self.name}"
