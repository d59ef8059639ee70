"""A passkey in software, for tests: what a browser and its authenticator would send, with faults to order.

Written after WebAuthn level 2, sections 6.1 (authenticator data) and 6.5 (attestation, of which this gives 'none').
"""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw):
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class SoftKey:
    origin: str = "http://localhost:8000"
    domain: str = "localhost"
    counter: int = 1
    verified: bool = True
    number: bytes = field(default_factory=lambda: os.urandom(16))
    owner: str = ""

    def __post_init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())

    def make(self, options):
        """Return the answer to navigator.credentials.create."""
        wanted = options["publicKey"]
        self.owner = wanted["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))
        told = bytes(16) + len(self.number).to_bytes(2, "big") + self.number + public
        data = self._data(ATTESTED) + told
        said = self._said("webauthn.create", wanted["challenge"])
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        answer = {"clientDataJSON": text(said), "attestationObject": text(attestation)}
        return self._credential(answer, {"credProps": {"rk": True}})

    def show(self, options, *, grows=1):
        """Return the answer to navigator.credentials.get; the counter grows by `grows`."""
        self.counter += grows
        data = self._data(0)
        said = self._said("webauthn.get", options["publicKey"]["challenge"])
        signed = self.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": text(said),
            "authenticatorData": text(data),
            "signature": text(signed),
            "userHandle": self.owner,
        }
        return self._credential(answer, {})

    def _data(self, more):
        flags = PRESENT | more | (VERIFIED if self.verified else 0)
        return (
            hashlib.sha256(self.domain.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")
        )

    def _said(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, answer, extensions):
        return json.dumps(
            {
                "id": text(self.number),
                "rawId": text(self.number),
                "type": "public-key",
                "response": answer,
                "clientExtensionResults": extensions,
            }
        )
