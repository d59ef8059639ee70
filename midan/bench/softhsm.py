"""A software token for measuring the token keeper: Debian's SoftHSM2, where it is installed."""

import shutil
import subprocess
from pathlib import Path

_TOOL, _LABEL, _PIN = "softhsm2-util", "midan-bench", "4711"


def keeper(folder: Path) -> dict[str, str] | None:
    """Make a token in `folder` and return the environment in which it is the only keeper; None without SoftHSM2."""
    module = next(Path("/usr/lib").glob("**/libsofthsm2.so"), None)
    if module is None or shutil.which(_TOOL) is None:
        return None
    (folder / "tokens").mkdir(parents=True, mode=0o700)
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n", "utf-8")
    pins = ("--pin", _PIN, "--so-pin", _PIN)
    subprocess.run(
        [_TOOL, "--init-token", "--free", "--label", _LABEL, *pins],
        env={"SOFTHSM2_CONF": str(settings)},
        check=True,
        capture_output=True,
    )
    (folder / "pin").write_text(f"{_PIN}\n", "ascii")
    config = folder / "token.toml"
    config.write_text(f'module = "{module}"\ntoken = "{_LABEL}"\npin_file = "{folder / "pin"}"\n', "utf-8")
    return {"SOFTHSM2_CONF": str(settings), "MIDAN_KEEPERS": f"token:{config}"}
