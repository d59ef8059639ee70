"""The published vectors: programs without the package's code agree with them, and the package still makes them."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "vectors"


def run(script: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environ},
    )


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("verify_log.py", ["merkle", "entry", "entry-proof"]),
        ("verify_numbers.py", ["number", "labeltoken"]),
        ("verify_ciphers.py", ["sm", "sealing", "keytree", "blind"]),
        ("verify_keypack.py", ["pack", "split", "targets"]),
        ("verify_kept.py", ["keyfile", "orderdigest", "callevent", "signin", "entrydigest", "keptfile"]),
        ("verify_handed.py", ["sm4_gcm", "backup", "certificate"]),
    ],
)
def test_an_independent_program_agrees_with_every_file(script, files):
    ran = run(VECTORS / script)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert all(any(name in line and "agree" in line for line in ran.stdout.splitlines()) for name in files)
    assert ran.stdout.count("agree") == len(files)


@pytest.mark.parametrize(
    ("script", "name", "answer"),
    [
        ("verify_log.py", "merkle", '"roots": ['),
        ("verify_log.py", "entry", '"leaf": '),
        ("verify_log.py", "entry-proof", '"salt": '),
        ("verify_numbers.py", "number", '"cases": [\n  {\n   "number": "MD'),
        ("verify_numbers.py", "labeltoken", '"print_id": 98'),
        ("verify_ciphers.py", "sealing", '"sealed": '),
        ("verify_ciphers.py", "keytree", '"frontier": '),
        ("verify_ciphers.py", "blind", '"digest": '),
        ("verify_keypack.py", "keypack", '"pack": '),
        ("verify_keypack.py", "keypack", '"frontier_file": '),
        ("verify_keypack.py", "keypack", '"key_file": '),
        ("verify_keypack.py", "keypack", '"digest": '),
        ("verify_kept.py", "keyfile", '"secret": '),
        ("verify_kept.py", "orderdigest", '"reference": '),
        ("verify_kept.py", "orderdigest", '"content": '),
        ("verify_kept.py", "orderdigest", '"phone": "17000010002",\n   "digest": '),
        ("verify_kept.py", "callevent", '"tag": '),
        ("verify_kept.py", "callevent", '"digest": '),
        ("verify_kept.py", "signin", '"plain": "JBSWY'),
        ("verify_kept.py", "entrydigest", '"digest": '),
        ("verify_kept.py", "entrydigest", '"subject": '),
        ("verify_handed.py", "backup", '"key": '),
        ("verify_handed.py", "backup", '"tags": '),
        ("verify_handed.py", "backup", '"file": '),
        ("verify_handed.py", "certificate", '"certificate": '),
        ("verify_handed.py", "certificate", '"on_paper": "MIDAN-CERT-1'),
    ],
)
def test_a_changed_answer_is_noticed(tmp_path, script, name, answer):
    copy = shutil.copytree(VECTORS, tmp_path / "vectors")
    file = copy / f"{name}.json"
    before, after = file.read_text(encoding="utf-8").split(answer, 1)
    first = re.search("[0-9a-f]", after).start()
    other = "1" if after[first] == "0" else "0"
    file.write_text(before + answer + after[:first] + other + after[first + 1 :], encoding="utf-8")
    ran = run(copy / script)
    assert ran.returncode != 0
    assert "differs" in (ran.stdout + ran.stderr).lower()


@pytest.mark.parametrize("script", [path.name for path in sorted(VECTORS.glob("generate_*.py"))])
def test_the_package_still_makes_the_published_bytes(tmp_path, script):
    copy = shutil.copytree(VECTORS, tmp_path / "vectors")
    ran = run(copy / script, PYTHONPATH=str(ROOT))
    assert ran.returncode == 0, ran.stderr
    assert [
        path.name for path in VECTORS.glob("*.json") if not filecmp.cmp(path, copy / path.name, shallow=False)
    ] == []
