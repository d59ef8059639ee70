#!/usr/bin/env python3
"""Write number and labeltoken (.json) from the package's own code.

Run from the repository's root: PYTHONPATH=. vectors/generate_numbers.py. `verify_numbers.py` recomputes everything
without the package. Published cases are never changed; new ones are appended.
"""

import json
from pathlib import Path
from typing import Any

from midan.core import labeltoken, number

HERE = Path(__file__).parent
KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")


def main() -> None:
    """Write both files."""
    for name, content in (("number", number_file()), ("labeltoken", labeltoken_file())):
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def number_file() -> dict[str, Any]:
    """Return sequences and their numbers, and texts that are no numbers."""
    sequences = (0, 1, 2, 999_999, 1_000_000, 123_456_789_012, 10**12 - 1)
    good = number.encode(KEY, 0)
    return {
        "key": KEY.hex(),
        "cases": [{"sequence": sequence, "number": number.encode(KEY, sequence)} for sequence in sequences],
        "bad": [
            {"comment": "check digit one up", "number": good[:-1] + str((int(good[-1]) + 1) % 10)},
            {"comment": "lower case", "number": good.lower()},
            {"comment": "too short", "number": good[:-1]},
            {"comment": "space", "number": good + " "},
            {"comment": "newline", "number": good + "\n"},
            {
                "comment": "full-width digits",
                "number": "MD" + "".join(chr(ord(d) + 0xFEE0) for d in good[2:]),
            },
            {"comment": "empty", "number": ""},
        ],
    }


def labeltoken_file() -> dict[str, Any]:
    """Return tokens, and texts that are none."""
    pairs = ((0, 0), (1, 0), (1, 1), (123_456_789_012, 987_654_321_098), (10**12 - 1, 2**40 - 1))
    good = labeltoken.encode(KEY, labeltoken.LabelToken(1, 1))
    return {
        "key": KEY.hex(),
        "cases": [
            {
                "sequence": sequence,
                "print_id": copy,
                "token": labeltoken.encode(KEY, labeltoken.LabelToken(sequence, copy)),
            }
            for sequence, copy in pairs
        ],
        "bad": [
            {"comment": "one letter changed", "token": ("B" if good[0] == "A" else "A") + good[1:]},
            {"comment": "unused low bits set", "token": good[:-1] + chr(ord(good[-1]) + 1)},
            {"comment": "lower case", "token": good.lower()},
            {"comment": "padded", "token": good + "======"},
            {"comment": "too short", "token": good[:-1]},
            {"comment": "random", "token": "A" * 26},
            {"comment": "empty", "token": ""},
        ],
    }


if __name__ == "__main__":
    main()
