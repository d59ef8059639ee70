"""`midan mask` gives back as many lines as it was given."""

import json
import subprocess
import sys
import time

import pytest


def midan(*words: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[bytes]:
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    return subprocess.run(
        [sys.executable, "-m", "midan", *words], input=raw, capture_output=True, check=False
    )


def test_lines_stay_in_place_and_empty_ones_stay_empty():
    done = midan("mask", "phone", stdin="16900001234\n\n16912345678")
    assert done.stdout.decode() == "*******1234\n\n*******5678"
    assert done.returncode == 0


def test_windows_line_ends_and_odd_separators_add_no_line():
    done = midan("mask", "name", stdin="张三丰\r\n李\u2028四\r\n")
    assert done.stdout.decode().count("\n") == 2
    assert done.stdout.decode().splitlines(keepends=False)[0].startswith("张**")


def test_broken_bytes_are_masked_and_not_fatal():
    done = midan("mask", "text", stdin=b"\xff\xfe 16900001234\n")
    assert done.returncode == 0
    assert b"16900001234" not in done.stdout


@pytest.mark.parametrize("words", [("mask", "blood"), ("nosuch",), ()])
def test_a_wrong_word_is_usage_and_one_json_line(words: tuple[str, ...]):
    done = midan(*words)
    assert done.returncode == 2
    assert json.loads(done.stderr.decode())["code"] == "usage"


@pytest.mark.parametrize("kind", ["address", "text", "name", "phone", "id"])
def test_a_line_without_end_takes_a_moment(kind):
    lines = [(piece * 40_000)[:40_000] for piece in ("3-", "a.", "密码1 ", "110101199003071234 ")]
    begun = time.monotonic()
    done = midan("mask", kind, stdin="\n".join(lines) + "\n16900001234\n")
    assert time.monotonic() - begun < 12
    masked = done.stdout.decode().splitlines()
    assert [len(line) for line in masked] == [40_000] * 4 + [11]
    assert kind in {"name", "phone"} or "0101199003071" not in masked[3]


def test_an_address_longer_than_any_is_hidden_whole():
    done = midan("mask", "address", stdin="浙江省杭州市西湖区文三路" + "长" * 1_000 + "\n")
    assert done.stdout.decode() == "*" * 1_012 + "\n"
