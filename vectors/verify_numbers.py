#!/usr/bin/env python3
"""Recompute number and labeltoken (.json) with none of the package's code.

Written from ISO/IEC 7064, specs/waybill-number.md and specs/label-token.md.
Slow and obvious on purpose. Exit code 0 if every case agrees.
"""

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

from plain_sm import check_that, same, self_test, sm4

HERE = Path(__file__).parent


def check_digit_holds(digits: str) -> bool:
    """ISO/IEC 7064 MOD 11,10 as the standard checks it: the whole string must end on 1."""
    p = 10
    for digit in digits[:-1]:
        s = (p + int(digit)) % 10
        p = (s or 10) * 2 % 11
    return (p + int(digits[-1])) % 10 == 1


def check_number(file: dict[str, Any]) -> None:
    """Run the Feistel rounds one number at a time."""
    key = bytes.fromhex(file["key"])
    for case in file["cases"]:
        left, right = divmod(case["sequence"], 10**6)
        for turn_number in range(12):
            block = sm4(key, b"midan/no/1\x00" + bytes([turn_number]) + right.to_bytes(4, "big"))
            left, right = right, (left + int.from_bytes(block[:8], "big") % 10**6) % 10**6
        same(case["number"][:14], f"MD{left:06d}{right:06d}")
        check_that(check_digit_holds(case["number"][2:]))
    for case in file["bad"]:
        shape = re.fullmatch(r"MD[0-9]{13}", case["number"])
        check_that(not (shape and check_digit_holds(case["number"][2:])))


def check_labeltoken(file: dict[str, Any]) -> None:
    """Decrypt every token and read its fields."""
    key = bytes.fromhex(file["key"])
    for case in file["cases"]:
        block = sm4(key, base64.b32decode(case["token"] + "======"), backwards=True)
        same((block[0], block[12:]), (1, bytes(4)))
        same(int.from_bytes(block[1:7], "big"), case["sequence"])
        same(int.from_bytes(block[7:12], "big"), case["print_id"])
        same(base64.b32encode(sm4(key, block)).decode(), case["token"] + "======")


def main() -> None:
    """Check every file, after the standards' own examples."""
    self_test()
    checks = {
        "number": check_number,
        "labeltoken": check_labeltoken,
    }
    for name, check in checks.items():
        check(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))
        sys.stdout.write(f"{name}.json agrees\n")


if __name__ == "__main__":
    main()
