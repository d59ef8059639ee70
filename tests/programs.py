"""Programs of the machine that some tests stand on.

`make test` installs them all and sets MIDAN_CI: there a missing one fails its tests instead of leaving them out.
"""

import os
import shutil

import pytest

CI = bool(os.environ.get("MIDAN_CI"))


def needs(*programs: str) -> pytest.MarkDecorator:
    """Leave a test out where a program is missing, unless everything has to run."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing) and not CI, reason=f"not installed: {' '.join(missing)}")
