"""Processes under watch: what they print, and every file they open for writing, however briefly it lives."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

# Loaded by every Python process below, children included: the journal names each file opened to be written.
HOOK = """
import os, sys
_journal = os.open(os.environ["WATCH_JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def _note(event, args):
    if event == "open":
        path, mode, flags = args
        writes = flags & (os.O_WRONLY | os.O_RDWR) if isinstance(flags, int) else False
        if writes and isinstance(path, (str, bytes)):
            os.write(_journal, (os.path.abspath(os.fsdecode(path)) + "\\n").encode("utf-8", "surrogateescape"))
    elif event in ("tempfile.mkstemp", "tempfile.mkdtemp", "shutil.copyfile"):
        os.write(_journal, (os.path.abspath(os.fsdecode(args[-1])) + "\\n").encode("utf-8", "surrogateescape"))
sys.addaudithook(_note)
"""


_TREE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One command that ended."""

    arguments: tuple[str, ...]
    code: int
    out: bytes
    err: bytes


@dataclass
class Watched:
    """A home, a watched folder for temporary files, and everything any process printed."""

    root: Path
    printed: list[Done] = field(default_factory=list)
    strays: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("home", "tmp", "hook", "files", "out"):
            (self.root / name).mkdir()
        (self.root / "hook" / "sitecustomize.py").write_text(HOOK)
        self._stop = Event()
        self._poller = Thread(target=self._poll, daemon=True)
        self._poller.start()

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("MIDAN_", "DJANGO_", "PYTEST_"))
        }
        return kept | {
            "MIDAN_HOME": str(self.home),
            "TMPDIR": str(self.root / "tmp"),
            "WATCH_JOURNAL": str(self.root / "journal"),
            # The tree these tests stand in, wherever the environment found its midan.
            "PYTHONPATH": os.pathsep.join([str(self.root / "hook"), str(_TREE)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "default",
        }

    def python(self, script: str, *arguments: str, stdin: bytes = b"") -> Done:
        """Run a few lines inside the home, as a command of ours would."""
        ended = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment,
            timeout=300,
            check=False,
        )
        done = Done(
            arguments=("python", "-c", *arguments), code=ended.returncode, out=ended.stdout, err=ended.stderr
        )
        self.printed.append(done)
        return done

    def midan(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
        """Run one command to its end."""
        ended = subprocess.run(
            [sys.executable, "-m", "midan", *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment | dict(env or {}),
            timeout=120,
            check=False,
            cwd=self.root,
        )
        done = Done(arguments=arguments, code=ended.returncode, out=ended.stdout, err=ended.stderr)
        self.printed.append(done)
        return done

    def written(self) -> set[Path]:
        """Return every path a watched process opened for writing."""
        journal = self.root / "journal"
        return {Path(line) for line in journal.read_text("utf-8", "surrogateescape").splitlines() if line}

    def end(self) -> None:
        self._stop.set()
        self._poller.join(timeout=5)

    def _poll(self) -> None:
        """Keep what appears under the temporary folder, by libraries too that Python's hooks do not see."""
        while not self._stop.is_set():
            for path in (self.root / "tmp").rglob("*"):
                try:
                    self.strays[str(path)] = path.read_bytes() if path.is_file() else b""
                except OSError:
                    self.strays.setdefault(str(path), b"")
            time.sleep(0.01)


def tree(*roots: Path, without: Sequence[Path] = ()) -> dict[Path, bytes]:
    """Return every file under the roots with its bytes."""
    return {
        path: path.read_bytes()
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(path.is_relative_to(skip) for skip in without)
    }
