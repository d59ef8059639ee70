#!/usr/bin/env python3
"""Recompute number and labeltoken (.json) with none of the package's code.

Written from ISO/IEC 7064, specs/waybill-number.md and specs/label-token.md.
Slow and obvious on purpose. Exit code 0 if every case agrees.
"""

import base64
import re
import sys

from checking import holds, load, run, same
from plain_sm import self_test, sm4


def check_digit_holds(digits: str) -> bool:
    """ISO/IEC 7064 MOD 11,10 as the standard checks it: the whole string must end on 1."""
    p = 10
    for digit in digits[:-1]:
        s = (p + int(digit)) % 10
        p = (s or 10) * 2 % 11
    return (p + int(digits[-1])) % 10 == 1


def check_number() -> int:
    """Run the Feistel rounds one number at a time."""
    file = load("number")
    key = bytes.fromhex(file["key"])
    for case in file["cases"]:
        left, right = divmod(case["sequence"], 10**6)
        for turn_number in range(12):
            block = sm4(key, b"midan/no/1\x00" + bytes([turn_number]) + right.to_bytes(4, "big"))
            left, right = right, (left + int.from_bytes(block[:8], "big") % 10**6) % 10**6
        same("number", case["number"][:14], f"MD{left:06d}{right:06d}")
        holds("check digit", check_digit_holds(case["number"][2:]))
    for case in file["bad"]:
        shape = re.fullmatch(r"MD[0-9]{13}", case["number"])
        holds(case["comment"], not (shape and check_digit_holds(case["number"][2:])))
    return len(file["cases"]) + len(file["bad"])


def check_labeltoken() -> int:
    """Decrypt every token and read its fields."""
    file = load("labeltoken")
    key = bytes.fromhex(file["key"])
    for case in file["cases"]:
        block = sm4(key, base64.b32decode(case["token"] + "======"), backwards=True)
        same("version and check", (block[0], block[12:]), (1, bytes(4)))
        same("sequence", int.from_bytes(block[1:7], "big"), case["sequence"])
        same("print id", int.from_bytes(block[7:12], "big"), case["print_id"])
        same("token", base64.b32encode(sm4(key, block)).decode(), case["token"] + "======")
    return len(file["cases"])


if __name__ == "__main__":
    self_test()
    sys.exit(run({"number": check_number, "labeltoken": check_labeltoken}))
