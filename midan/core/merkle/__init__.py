"""The tamper-evident log as mathematics: RFC 9162 trees, proofs, tiles and checkpoints over any hash.

Rooms, lowest first:
    errors      what a reader may be told is wrong
    hashing     leaf, node, fold (tree head), Compact (append in O(log n))
    proofs      inclusion and consistency: make, verify
    membership  one of many under a root that an entry carries
    tiles       256 hashes a file, so a log is a set of static files
    checkpoint  "the log had this size and this root", signed

The hash is an argument everywhere (SM3 unless told), so public SHA-256 vectors test the very code that guards
the log. Layout, laws and the verification procedure: specs/audit-log.md.
"""

from midan.core.merkle.checkpoint import (
    Checkpoint,
    Signature,
    Signed,
    Verifier,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from midan.core.merkle.errors import CheckpointUnsigned, MalformedCheckpoint, MalformedTile, ProofMismatch
from midan.core.merkle.hashing import Compact, Hash, fold, leaf_hash, node_hash, root
from midan.core.merkle.membership import Membership, membership
from midan.core.merkle.proofs import (
    GetHash,
    Head,
    consistency_proof,
    inclusion_proof,
    root_of_inclusion,
    verify_consistency,
    verify_inclusion,
)
from midan.core.merkle.tiles import (
    Tile,
    TileReader,
    parse_tile_path,
    tile_bytes,
    tile_hashes,
    tile_path,
    tiles_for,
)

__all__ = [
    "Checkpoint",
    "CheckpointUnsigned",
    "Compact",
    "GetHash",
    "Hash",
    "Head",
    "MalformedCheckpoint",
    "MalformedTile",
    "Membership",
    "ProofMismatch",
    "Signature",
    "Signed",
    "Tile",
    "TileReader",
    "Verifier",
    "consistency_proof",
    "fold",
    "inclusion_proof",
    "leaf_hash",
    "membership",
    "node_hash",
    "open_checkpoint",
    "parse_checkpoint",
    "parse_tile_path",
    "root",
    "root_of_inclusion",
    "sign_checkpoint",
    "tile_bytes",
    "tile_hashes",
    "tile_path",
    "tiles_for",
    "verify_consistency",
    "verify_inclusion",
]
