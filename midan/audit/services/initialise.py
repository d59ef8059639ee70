"""Begin the log: one key pair, once in an installation's life."""

from midan.audit import keys
from midan.core.merkle import Verifier


def initialise(*, passphrase: bytes) -> Verifier:
    """Make the key that signs checkpoints, sealed under `passphrase`; raise LogKeyExists if there is one."""
    return keys.create(passphrase=passphrase)
