"""What can be wrong with a log's evidence.

MidanError
├── ProofMismatch         a proof does not lead to the root it claims, or cannot exist for these sizes
├── MalformedTile         a tile path or a tile's bytes are not in canonical form
├── MalformedCheckpoint   a checkpoint text, or stored tree state, is not in canonical form
└── CheckpointUnsigned    no known key signed the checkpoint, or a known key's signature is wrong
"""

from typing import ClassVar

from midan.core.errors import MidanError


class ProofMismatch(MidanError):
    """Two claims about the log contradict each other."""

    code: ClassVar[str] = "proof_mismatch"
    clause: ClassVar[str | None] = "T4"


class MalformedTile(MidanError):
    """A tile cannot be read one way only."""

    code: ClassVar[str] = "malformed_tile"
    clause: ClassVar[str | None] = "T4"


class MalformedCheckpoint(MidanError):
    """A checkpoint cannot be read one way only."""

    code: ClassVar[str] = "malformed_checkpoint"
    clause: ClassVar[str | None] = "T4"


class CheckpointUnsigned(MidanError):
    """Nobody known vouches for this checkpoint."""

    code: ClassVar[str] = "checkpoint_unsigned"
    clause: ClassVar[str | None] = "T4"
