"""What the server signs when a person signs, and how anybody checks it with the log's public key alone.

A file is JSON: `statement` (canonical JSON as text: format, kind, number, text_sm3, language, staff_no, at, by), `text`
(what was read, exactly) and `signature` (64 bytes, base64): SM2 over "midan/signed-duty/1" ‖ 0x00 ‖ statement. `by` names
the log whose key signed, so that a company's second log cannot speak for its first.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from midan.audit import keys
from midan.core.entry import rfc3339
from midan.core.merkle import Verifier
from midan.core.sm import BadSignature, sm3, verify
from midan.duties.errors import SignatureRefused

FORMAT: Final = "midan/signed-duty/1"
_MEMBERS: Final = {"format", "kind", "number", "text_sm3", "language", "staff_no", "at", "by"}


def sign(  # noqa: PLR0913  (what a signature says)
    *, kind: str, number: int, text: str, language: str, staff_no: str, at: datetime
) -> tuple[str, bytes]:
    """Return the statement and the server's signature over it; LogNotInitialised."""
    said = {
        "format": FORMAT,
        "kind": kind,
        "number": number,
        "text_sm3": sm3(text.encode()).hex(),
        "language": language,
        "staff_no": staff_no,
        "at": rfc3339(at),
        "by": keys.verifier().name,
    }
    statement = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return statement, keys.signing_key().sign(_message(statement))


def write(*, statement: str, text: str, signature: bytes) -> bytes:
    """Return the file a person or an inspector takes away."""
    whole = {"statement": statement, "text": text, "signature": b64encode(signature).decode("ascii")}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def check(data: bytes, *, trusted: Verifier) -> Mapping[str, Any]:
    """Return the statement of a file that holds; raise SignatureRefused naming what does not."""
    try:
        whole = json.loads(data)
        statement, text = whole["statement"], whole["text"]
        signature = b64decode(whole["signature"], validate=True)
        said = json.loads(statement)
    except (ValueError, KeyError, TypeError, NotBase64):
        raise SignatureRefused("shape") from None
    shaped = (
        isinstance(said, dict) and isinstance(text, str) and set(whole) == {"statement", "text", "signature"}
    )
    if not shaped or set(said) != _MEMBERS or said["format"] != FORMAT:
        raise SignatureRefused("shape")
    if said["by"] != trusted.name:
        raise SignatureRefused("key")
    try:
        verify(trusted.public, _message(statement), signature)
    except BadSignature:
        raise SignatureRefused("signature") from None
    if said["text_sm3"] != sm3(text.encode()).hex():
        raise SignatureRefused("text")
    return {name: said[name] for name in sorted(_MEMBERS)}


def _message(statement: str) -> bytes:
    return FORMAT.encode() + b"\x00" + statement.encode()
