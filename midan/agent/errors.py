"""What the agent refuses.

MidanError
└── AgentError
    ├── CodeUnreadable      the file with the one-time code cannot be read, or is empty
    ├── KeyUnsafe           the device's key file is damaged, or others may read it
    ├── NotEnrolled         this person's folder holds no device key
    ├── AlreadyEnrolled     it holds one already: a key is never overwritten
    ├── ServerUnsafe        the address is neither https nor this very computer
    ├── SystemUnsupported   neither Linux, Windows nor macOS
    ├── ServerUnreachable   no answer, or one that is not ours
    └── ServerRefused       the server said no; `reason` is its code
"""

from typing import ClassVar

from midan.core.errors import MidanError


class AgentError(MidanError):
    code: ClassVar[str] = "agent_error"
    clause: ClassVar[str | None] = "T5"


class CodeUnreadable(AgentError):
    code: ClassVar[str] = "device_code_unreadable"
    exit_code: ClassVar[int] = 3


class KeyUnsafe(AgentError):
    code: ClassVar[str] = "device_key_unsafe"
    exit_code: ClassVar[int] = 4


class NotEnrolled(AgentError):
    code: ClassVar[str] = "device_not_enrolled"
    exit_code: ClassVar[int] = 4


class AlreadyEnrolled(AgentError):
    code: ClassVar[str] = "device_already_enrolled"
    exit_code: ClassVar[int] = 4


class ServerUnsafe(AgentError):
    code: ClassVar[str] = "device_server_unsafe"
    exit_code: ClassVar[int] = 2


class SystemUnsupported(AgentError):
    code: ClassVar[str] = "device_system_unsupported"
    exit_code: ClassVar[int] = 4


class ServerUnreachable(AgentError):
    code: ClassVar[str] = "device_server_unreachable"
    exit_code: ClassVar[int] = 4


class ServerRefused(AgentError):
    code: ClassVar[str] = "device_server_refused"
