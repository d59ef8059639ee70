"""Tokens of Debian's SoftHSM2 for tests."""

import os
import subprocess
from pathlib import Path

import pytest

from midan.vault.keyd import token as tokens

MODULE = next(
    (path for path in Path("/usr/lib").glob("**/libsofthsm2.so")),
    None,
)
needs_softhsm = pytest.mark.skipif(
    MODULE is None and "MIDAN_CI" not in os.environ,
    reason="SoftHSM2 is not installed: make test brings it",
)


@pytest.fixture(scope="session", name="softhsm")
def place_of_tokens(tmp_path_factory):
    """One place for tokens: the library reads its settings once a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        yield folder


@pytest.fixture(name="config")
def one_token(softhsm, tmp_path) -> Path:
    """A token of its own and the file that names it."""
    label = f"midan-{os.urandom(4).hex()}"
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", "4711", "--so-pin", "0815"],
        check=True,
        capture_output=True,
    )
    # The library numbers its slots when it begins.
    for module, _ in tuple(tokens._initialised):
        import pkcs11

        pkcs11.lib(module).reinitialize()
    place = tmp_path / "token"
    place.mkdir(mode=0o700)
    (place / "pin").write_text("4711\n")
    (place / "token.toml").write_text(
        f'module = "{MODULE}"\ntoken = "{label}"\npin_file = "{place / "pin"}"\n'
    )
    return place / "token.toml"
