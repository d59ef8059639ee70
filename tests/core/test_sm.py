"""SM2, SM3, SM4-GCM: published answers, interoperability with the openssl command, refusal of everything else."""

import json
import pickle
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from midan.core import sm, sm2curve
from tests.programs import needs

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sm.json").read_text(encoding="utf-8"))
SM2 = {
    name: bytes.fromhex(value)
    for name, value in VECTORS["sm2"].items()
    if len(value) > 30 and " " not in value
}
MESSAGE = VECTORS["sm2"]["message"].encode()

keys16 = st.binary(min_size=16, max_size=16)
nonces = st.binary(min_size=12, max_size=12)
needs_openssl = needs("openssl")


def unhex(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def der(*numbers):
    body = b""
    for number in numbers:
        raw = number.to_bytes((number.bit_length() + 8) // 8)
        body += b"\x02" + bytes([len(raw)]) + raw
    return b"\x30" + bytes([len(body)]) + body


def flip(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# --- published answers


@pytest.mark.parametrize("case", VECTORS["sm3"], ids=lambda case: case["comment"])
def test_sm3_gives_the_published_digest(case):
    message, digest = unhex(case, "message", "digest")
    assert sm.sm3(message) == digest


@pytest.mark.parametrize("case", VECTORS["hmac_sm3"], ids=lambda case: case["comment"])
def test_hmac_gives_the_published_tag_both_ways(case):
    key, message, tag = unhex(case, "key", "message", "tag")
    mac = sm.Mac(key)
    assert sm.hmac_sm3(key, message) == tag
    assert [mac.digest(message), mac.digest(message)] == [tag, tag]


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def by_mode(mode, key, iv, plain):
    """Build the chaining modes from single blocks: each published one is a test of the block cipher."""
    out, register = b"", iv
    for at in range(0, len(plain), 16):
        block = plain[at : at + 16]
        if mode == "cbc":
            register = sm.sm4_ecb(key, xor(block, register))
            out += register
        else:
            stream = sm.sm4_ecb(key, register)
            out += xor(block, stream)
            register = {
                "ofb": stream,
                "cfb": out[-16:],
                "ctr": ((int.from_bytes(register) + 1) % 2**128).to_bytes(16),
            }[mode]
    return out


@pytest.mark.parametrize("case", VECTORS["sm4"], ids=lambda case: case["comment"])
def test_sm4_gives_the_published_ciphertext(case):
    key, plain, cipher = unhex(case, "key", "plain", "cipher")
    if case["mode"] == "ecb":
        assert sm.sm4_ecb(key, plain) == cipher
        assert sm.sm4_ecb_decrypt(key, cipher) == plain
    else:
        assert by_mode(case["mode"], key, bytes.fromhex(case["iv"]), plain) == cipher


@pytest.mark.soak
@pytest.mark.parametrize("case", VECTORS["sm4_million"], ids=lambda case: case["comment"])
def test_sm4_a_million_times_gives_the_published_ciphertext(case):
    key, block, cipher = unhex(case, "key", "plain", "cipher")
    for _ in range(1_000_000):
        block = sm.sm4_ecb(key, block)
    assert block == cipher


@pytest.mark.parametrize("case", VECTORS["sm4_gcm"], ids=lambda case: case["comment"])
def test_sm4_gcm_gives_the_published_ciphertext_and_tag(case):
    key, nonce, aad, plain, sealed = unhex(case, "key", "nonce", "aad", "plain", "sealed")
    assert sm.seal(key, nonce, plain, aad) == sealed
    assert sm.open_(key, nonce, sealed, aad) == plain


def test_sm2_curve_arithmetic_reproduces_the_standards_signature():
    d, k, e = (int.from_bytes(SM2[name]) for name in ("private", "k", "e"))
    x1, _ = sm2curve.multiply(k, sm2curve.G)
    r = (e + x1) % sm2curve.N
    s = pow(1 + d, -1, sm2curve.N) * (k - r * d) % sm2curve.N
    public = sm2curve.multiply(d, sm2curve.G)
    assert (r, s) == (int.from_bytes(SM2["r"]), int.from_bytes(SM2["s"]))
    assert public[0].to_bytes(32) + public[1].to_bytes(32) == SM2["public"]


def test_sm2_message_digest_is_the_standards():
    curve = b"".join(number.to_bytes(32) for number in (sm2curve.A, sm2curve.B, *sm2curve.G))
    identity = VECTORS["sm2"]["id"].encode()
    za = sm.sm3((8 * len(identity)).to_bytes(2) + identity + curve + SM2["public"])
    assert za == SM2["za"]
    assert sm.sm3(za + MESSAGE) == SM2["e"]


SIGNATURE = der(int.from_bytes(SM2["r"]), int.from_bytes(SM2["s"]))
ENVELOPE = der(int.from_bytes(SM2["c1_x"]), int.from_bytes(SM2["c1_y"]))[2:] + b"\x04\x20" + SM2["c3"]
ENVELOPE += b"\x04" + bytes([len(SM2["c2"])]) + SM2["c2"]
ENVELOPE = b"\x30" + bytes([len(ENVELOPE)]) + ENVELOPE


def test_sm2_verifies_the_standards_signature_and_opens_its_envelope():
    sm.verify(SM2["public"], MESSAGE, SIGNATURE)
    for key in (sm.SigningKey.from_bytes(SM2["private"]), SM2["private"]):
        assert sm.envelope_open(key, ENVELOPE) == VECTORS["sm2"]["secret"].encode()


# --- SM4-GCM


@given(keys16, nonces, st.binary(max_size=300), st.binary(max_size=80))
def test_what_was_sealed_opens_again(key, nonce, plain, aad):
    sealed = sm.seal(key, nonce, plain, aad)
    assert len(sealed) == len(plain) + 16
    assert sm.open_(key, nonce, sealed, aad) == plain


@given(keys16, nonces, st.binary(max_size=60), st.binary(min_size=1, max_size=40), st.data())
def test_any_flipped_bit_anywhere_is_noticed(key, nonce, plain, aad, data):
    given_ = {"key": key, "nonce": nonce, "sealed": sm.seal(key, nonce, plain, aad), "aad": aad}
    name = data.draw(st.sampled_from(sorted(given_)))
    given_[name] = flip(given_[name], data.draw(st.integers(0, 8 * len(given_[name]) - 1)))
    with pytest.raises(sm.Tampered):
        sm.open_(given_["key"], given_["nonce"], given_["sealed"], given_["aad"])


@pytest.mark.parametrize("sealed", [b"", bytes(15), bytes(16)])
def test_too_short_or_empty_sealed_bytes_do_not_open(sealed):
    with pytest.raises(sm.Tampered):
        sm.open_(bytes(16), bytes(12), sealed, b"")


@given(st.integers(0, 40), st.integers(0, 40))
def test_any_other_key_or_nonce_length_is_refused(key_length, nonce_length):
    assume((key_length, nonce_length) != (16, 12))
    with pytest.raises(ValueError, match="12-byte nonce"):
        sm.seal(bytes(key_length), bytes(nonce_length), b"x", b"")
    with pytest.raises(ValueError, match="12-byte nonce"):
        sm.open_(bytes(key_length), bytes(nonce_length), bytes(20), b"")


@given(keys16, st.integers(0, 5).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n)))
def test_a_block_permutation_is_undone(key, blocks):
    assert sm.sm4_ecb_decrypt(key, sm.sm4_ecb(key, blocks)) == blocks


@pytest.mark.parametrize(("key", "blocks"), [(bytes(15), bytes(16)), (bytes(16), bytes(17)), (b"", b"")])
def test_a_block_permutation_takes_whole_blocks_and_a_whole_key(key, blocks):
    for permute in (sm.sm4_ecb, sm.sm4_ecb_decrypt):
        with pytest.raises(ValueError, match="16-byte"):
            permute(key, blocks)


def test_an_empty_hmac_key_is_refused():
    with pytest.raises(ValueError, match="empty"):
        sm.Mac(b"")


# --- SM2


@pytest.fixture(scope="module")
def key():
    return sm.SigningKey.generate()


def test_a_signature_holds_for_its_message_and_key_only(key):
    signature = key.sign(b"message")
    sm.verify(key.public, b"message", signature)
    other = sm.SigningKey.generate()
    for public, message in ((key.public, b"massage"), (other.public, b"message")):
        with pytest.raises(sm.BadSignature):
            sm.verify(public, message, signature)


@given(
    st.one_of(
        st.integers(0, 8 * len(SIGNATURE) - 1).map(lambda bit: flip(SIGNATURE, bit)),
        st.integers(0, len(SIGNATURE) - 1).map(lambda length: SIGNATURE[:length]),
        st.binary(min_size=1, max_size=3).map(lambda tail: SIGNATURE + tail),
    )
)
def test_an_altered_signature_does_not_hold(altered):
    with pytest.raises(sm.BadSignature):
        sm.verify(SM2["public"], MESSAGE, altered)


@pytest.mark.parametrize("public", [b"", bytes(63), bytes(64), b"\x01" * 64, bytes(65)])
def test_bytes_that_are_no_public_key_verify_nothing(key, public):
    with pytest.raises(sm.BadSignature):
        sm.verify(public, b"message", key.sign(b"message"))
    with pytest.raises(ValueError, match="public key"):
        sm.envelope_seal(public, b"secret")
    with pytest.raises(ValueError, match="public key"):
        sm.public_key_pem(public)


@pytest.mark.parametrize("d", [1, 2, 3, sm2curve.N - 2], ids=["1", "2", "3", "n-2"])
def test_a_key_comes_back_from_its_private_bytes(d):
    public = sm2curve.multiply(d, sm2curve.G)
    key = sm.SigningKey.from_bytes(d.to_bytes(32))
    assert key.public == public[0].to_bytes(32) + public[1].to_bytes(32)
    assert key.to_bytes() == d.to_bytes(32)


def test_a_random_key_comes_back_from_its_private_bytes(key):
    again = sm.SigningKey.from_bytes(key.to_bytes())
    assert again.public == key.public
    sm.verify(key.public, b"message", again.sign(b"message"))


@pytest.mark.parametrize(
    "private", [bytes(32), bytes(31) + b"\1\1", (sm2curve.N - 1).to_bytes(32), b"\xff" * 32]
)
def test_bytes_that_are_no_private_key_are_refused(private):
    with pytest.raises(ValueError, match="private key"):
        sm.SigningKey.from_bytes(private)


def test_two_signatures_of_different_keys_recover_no_public_key(key):
    digest = sm.sm3(b"abc")
    mine, other = key, sm.SigningKey.generate()
    signatures = [sm.gmssl_pyx.sm2_sign_sm3_digest(k.to_bytes(), digest) for k in (mine, other)]
    with pytest.raises(ValueError, match="share one key"):
        sm2curve.recover_public(digest, *signatures)


def test_a_signing_key_does_not_show_or_pickle_itself(key):
    assert key.to_bytes().hex()[:12] not in repr(key)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)


@given(st.binary(min_size=1, max_size=255))
def test_an_envelope_opens_for_its_key_only(key, secret):
    blob = sm.envelope_seal(key.public, secret)
    assert sm.envelope_open(key, blob) == secret
    with pytest.raises(sm.Tampered):
        sm.envelope_open(bytes(31) + b"\x07", blob)


@pytest.mark.parametrize("secret", [b"", bytes(256)])
def test_an_envelope_holds_1_to_255_bytes(key, secret):
    with pytest.raises(ValueError, match="1 to 255"):
        sm.envelope_seal(key.public, secret)


@given(
    st.one_of(
        st.integers(0, 8 * len(ENVELOPE) - 1).map(lambda bit: flip(ENVELOPE, bit)),
        st.integers(0, len(ENVELOPE) - 1).map(lambda length: ENVELOPE[:length]),
        st.binary(min_size=1, max_size=3).map(lambda tail: ENVELOPE + tail),
    )
)
def test_an_altered_envelope_does_not_open(altered):
    with pytest.raises(sm.Tampered):
        sm.envelope_open(SM2["private"], altered)


def test_an_envelope_takes_a_whole_private_key():
    with pytest.raises(ValueError, match="32 bytes"):
        sm.envelope_open(bytes(16), bytes(100))


# --- interoperability


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)


@pytest.fixture
def files(tmp_path, key):
    paths = {name: tmp_path / name for name in ("public", "private", "message", "signature", "blob", "out")}
    paths["public"].write_text(sm.public_key_pem(key.public))
    paths["private"].write_text(sm.private_key_pem(key))
    paths["message"].write_bytes(b"checkpoint\n42\n")
    return paths


SM2_OPTIONS = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")


@needs_openssl
def test_openssl_verifies_our_signature_and_refuses_another_message(key, files):
    files["signature"].write_bytes(key.sign(files["message"].read_bytes()))
    command = ("pkeyutl", "-verify", "-pubin", "-inkey", files["public"], "-sigfile", files["signature"])
    assert openssl(*command, "-in", files["message"], *SM2_OPTIONS).returncode == 0
    files["message"].write_bytes(b"checkpoint\n43\n")
    assert openssl(*command, "-in", files["message"], *SM2_OPTIONS).returncode != 0


@needs_openssl
def test_we_verify_a_signature_by_openssl(key, files):
    command = (
        "pkeyutl",
        "-sign",
        "-inkey",
        files["private"],
        "-in",
        files["message"],
        "-out",
        files["signature"],
    )
    assert openssl(*command, *SM2_OPTIONS).returncode == 0
    sm.verify(key.public, files["message"].read_bytes(), files["signature"].read_bytes())


@needs_openssl
def test_openssl_opens_our_envelope(key, files):
    files["blob"].write_bytes(sm.envelope_seal(key.public, b"a wrapped key"))
    command = ("pkeyutl", "-decrypt", "-inkey", files["private"], "-in", files["blob"], "-out", files["out"])
    assert openssl(*command).returncode == 0
    assert files["out"].read_bytes() == b"a wrapped key"


@needs_openssl
def test_we_open_an_envelope_by_openssl(key, files):
    command = ("pkeyutl", "-encrypt", "-pubin", "-inkey", files["public"], "-in", files["message"])
    assert openssl(*command, "-out", files["blob"]).returncode == 0
    assert sm.envelope_open(key, files["blob"].read_bytes()) == files["message"].read_bytes()


@needs_openssl
def test_openssl_reads_our_public_key_out_of_our_private_key(key, files):
    printed = openssl("pkey", "-in", files["private"], "-pubout").stdout.decode()
    assert printed == sm.public_key_pem(key.public)


# --- start-up


def test_the_self_test_passes_here():
    sm.self_test()


@pytest.mark.parametrize("name", ["seal", "sm3", "hmac_sm3", "sm4_ecb", "envelope_open"])
def test_the_self_test_refuses_a_cipher_that_answers_wrongly(monkeypatch, name):
    monkeypatch.setattr(sm, name, lambda *_: bytes(16))
    with pytest.raises(sm.SelfTestFailed) as caught:
        sm.self_test()
    assert caught.value.code == "self_test_failed"
    assert caught.value.status == 500


def test_the_self_test_refuses_a_gcm_that_does_not_look_at_the_tag(monkeypatch):
    monkeypatch.setattr(sm, "open_", lambda *_: sm._GCM_PLAIN)
    with pytest.raises(sm.SelfTestFailed) as caught:
        sm.self_test()
    assert caught.value.details["test"] == "sm4_gcm_refuse"


def test_the_self_test_refuses_a_cipher_that_breaks_down(monkeypatch):
    def broken(*_):
        raise RuntimeError("no such cipher in this build")

    monkeypatch.setattr(sm, "seal", broken)
    with pytest.raises(sm.SelfTestFailed) as caught:
        sm.self_test()
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_points_add_up_through_infinity():
    double = sm2curve.add(sm2curve.G, sm2curve.G)
    minus = (sm2curve.G[0], sm2curve.P - sm2curve.G[1])
    assert sm2curve.add(sm2curve.G, minus) is None
    assert sm2curve.add(sm2curve.G, None) == sm2curve.G
    assert sm2curve.add(double, minus) == sm2curve.G
    assert sm2curve.multiply(sm2curve.N, sm2curve.G) is None
