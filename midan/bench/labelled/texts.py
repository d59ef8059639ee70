"""Remarks with one thing in each that must be hidden, as nasty as people write them, and harmless ones.

People and numbers are invented; forms and places are combined, so that one text hardly comes twice.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from midan.core.fields.idcard import check_character
from midan.core.fields.surnames import surname_length

_DATA = Path(__file__).parent / "data"
NAMES: Final = (_DATA / "names.txt").read_text("utf-8").split()
HARMLESS: Final = [
    line
    for name in ("harmless.txt", "harmless_long.txt")
    for line in (_DATA / name).read_text("utf-8").splitlines()
    if line
]
_PLACES: Final = {
    kind: "".join(lines.splitlines()).split("|")
    for kind, lines in tomllib.loads((_DATA / "remarks.toml").read_text("utf-8")).items()
}
CHINESE, WIDE, CHEQUE, RINGED = (
    "零一二三四五六七八九",
    "０１２３４５６７８９",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A remark, the part of it to hide, and whether that part, masked, is safe."""

    text: str
    part: str
    safe: Callable[[str], bool]

    def is_safe(self, shown: str) -> bool:
        """Return whether the masked remark shows no more of the part than it may."""
        start = self.text.index(self.part)
        return self.safe(shown[start : start + len(self.part)])


def _either(text: str) -> list[str]:
    return text.split("|")


def _spell(digits: str, alphabet: str) -> str:
    return "".join(alphabet[int(digit)] if digit.isdecimal() else digit for digit in digits)


def _cut(text: str, *sizes: int, by: str) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(text[start : start + size])
        start += size
    return by.join([*parts, text[start:]])


PHONE_FORMS: list[Callable[[str], str]] = [
    str,
    lambda p: _cut(p, 3, 4, by=" "),
    lambda p: _cut(p, 3, 4, by="-"),
    lambda p: _cut(p, 3, 4, by="."),
    lambda p: _cut(p, 3, 4, by="\u00a0"),
    lambda p: _cut(p, 3, 4, by="　"),
    lambda p: _cut(p, 3, 4, by="_"),
    lambda p: _cut(p, 3, 4, by="/"),
    lambda p: _cut(p, 3, 4, by="，"),
    lambda p: _cut(p, 3, 4, by="—"),
    lambda p: _cut(p, 3, 4, by="~"),
    lambda p: _cut(p, 3, 4, by="+"),
    lambda p: _cut(p, 3, 4, by="然后"),
    lambda p: _cut(p, 3, by=" "),
    lambda p: _cut(p, 7, by="-"),
    lambda p: _cut(p, 3, 3, by=" "),
    lambda p: _cut(p, 5, by=" "),
    lambda p: _cut(p, 1, 2, 2, 2, 2, by=" "),
    lambda p: _cut(p, 3, 2, 2, 2, by=" "),
    " ".join,
    "-".join,
    "\u200b".join,
    lambda p: _spell(p, WIDE),
    lambda p: _cut(_spell(p, WIDE), 3, 4, by="－"),
    lambda p: _spell(p, CHINESE),
    lambda p: _spell(p, CHINESE).replace("零", "〇"),
    lambda p: _spell(p, CHINESE).replace("一", "幺"),
    lambda p: " ".join(_spell(p, CHINESE)),
    lambda p: _cut(_spell(p, CHINESE), 3, 4, by="，"),
    lambda p: _spell(p, CHEQUE),
    lambda p: _spell(p, RINGED),
    lambda p: "".join(chr(0x1D7CE + int(digit)) for digit in p),
    lambda p: "".join(f"{digit}\ufe0f\u20e3" for digit in p),
    lambda p: p[:3] + _spell(p[3:7], CHINESE) + p[7:],
    lambda p: p.replace("0", "o"),
    lambda p: p.replace("0", "O"),
    lambda p: p.replace("1", "l"),
    "+86{}".format,
    "+86 {}".format,
    "(+86){}".format,
    "0086{}".format,
    "86-{}".format,
    "{}转1234".format,
    lambda p: f"0571-8{p[4:]}",
    lambda p: f"010-8{p[4:]}",
    lambda p: f"(021)6{p[4:]}",
    lambda p: f"0755 2{p[4:]}",
    lambda p: f"0571-8{p[4:]}转801",
    lambda p: f"400-{p[1:4]}-{p[4:8]}",
    lambda p: f"+852 9{p[1:4]} {p[4:8]}",
    lambda p: f"+853 6{p[:3]} {p[3:7]}",
    lambda p: f"+886 9{p[1:3]} {p[3:6]} {p[6:9]}",
]
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def _filled(random: Random, places: list[str], part: str, safe: Callable[[str], bool]) -> Case:
    return Case(random.choice(places).replace("{}", part), part, safe)


def phone(random: Random) -> Case:
    part = random.choice(PHONE_FORMS)("1" + random.choice("3456789") + _digits(random, 9))
    return _filled(random, _PLACES["phone"], part, lambda shown: shown.count("*") >= 6)


def identity(random: Random) -> Case:
    body = random.choice(["330106", "110101", "440305", "810000"])
    body += f"{random.randint(1940, 2020)}{random.randint(1, 12):02}{random.randint(1, 28):02}{_digits(random, 3)}"
    number = body + (check_character(body) if random.random() < 0.7 else random.choice("0123456789Xx"))
    part = random.choice(
        (
            *(
                number,
                number.lower(),
                _cut(number, 6, 8, by=" "),
                _cut(number, 6, 8, by="-"),
                _spell(number, WIDE),
            ),
            *(
                " ".join(number),
                _cut(number, 3, 3, 4, 4, by=" "),
                number[:6] + number[8:17],
                _spell(number, CHINESE),
            ),
            *(f"E{number[6:14]}", f"EA{number[6:13]}", f"H{number[6:14]}"),
        )
    )
    places = _either(
        "身份证{}|身份证号：{}|证件号 {}|{}|实名{}|收件人证件{}|{}请核对|ID:{}|护照{}|凭{}取件|（{}）"
    )
    return _filled(random, places, part, lambda shown: sum(map(str.isalnum, shown)) <= 4)


def card(random: Random) -> Case:
    number = random.choice(["622202", "621700", "625809"]) + _digits(random, random.choice([10, 13]))
    part = random.choice(
        [
            number,
            " ".join(re.findall("..?.?.?", number)),
            "-".join(re.findall("..?.?.?", number)),
            _spell(number, WIDE),
        ]
    )
    places = _either("卡号{}|退款到{}|工行{}|银行卡：{}|{}|打款到建行卡{}|账号 {} 建设银行|理赔款打{}")
    return _filled(random, places, part, lambda shown: sum(map(str.isdecimal, shown)) <= 4)


def plate(random: Random) -> Case:
    head, city, tail = random.choice(PROVINCES), random.choice("ABCDEFGH"), _digits(random, 5)
    tail = random.choice(
        [
            tail,
            f"D{tail}",
            f"{tail}F",
            f"8{random.choice('KMNPQ')}{tail[2:]}",
            tail[:4] + random.choice("学警挂"),
        ]
    )
    part = head + city + random.choice(["", "·", "-", " ", "•"]) + tail
    part = random.choice([part, part, part.lower(), f"粤Z{tail[:4]}港"])
    places = _either(
        "车牌{}|{}|送货车{}|司机开{}来取|请登记{}进园区|{}停在门口|车牌号：{}|我的车是{}|放{}车上|后备箱，{}，谢谢"
    )
    return _filled(random, places, part, lambda shown: sum(map(str.isalnum, shown)) <= 1)


def email(random: Random) -> Case:
    local = random.choice(
        ["zhangsan", "li.si", "wang_wu88", "x7", "10000001", "chen-liu", "sun.qi+kd", "ＬｉＷｅｉ"]
    )
    domain = random.choice(["example.com", "example.org", "mail.example.com.cn"])
    sign = random.choice(["@", "＠", " @ ", "[at]", "(at)", "#at#"])
    place = random.choice(
        _either("邮箱{}|发票发到{}|{}|email:{}|电子面单请发{}谢谢|联系{}|请发送至 {} ，谢谢")
    )
    return Case(place.replace("{}", f"{local}{sign}{domain}"), local, lambda shown: set(shown) == {"*"})


def account(random: Random) -> Case:
    word, number = (
        random.choice(["wangxm1990", "abc_12345", "li-lei88", "Lily2020"]),
        "1" + _digits(random, random.randint(5, 9)),
    )
    called = random.choice(
        _either("微信|微信号：|vx:|VX |加v |加V：|薇信|WeChat: |V信|微信同号 |威信 |加我微信|v：|抖音号")
    )
    handle = word
    if random.random() < 0.4:
        called, handle = random.choice(_either("QQ|qq:|QQ号|扣扣|加QQ |企鹅|Q：")), number
    place = random.choice(_either("{}|有问题{}|请{}联系|{}谢谢|客户{}|到货请{}说一声|备用：{}"))
    return Case(
        place.replace("{}", called + handle),
        handle,
        lambda shown: sum(map(str.isalnum, shown)) <= 4 * handle.isdecimal(),
    )


def name(random: Random) -> Case:
    name = random.choice(NAMES)
    kept = surname_length(name) or 1
    return _filled(random, _PLACES["name"], name, lambda shown: set(shown[kept:]) == {"*"})


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else CHINESE[tens] + "十") + (CHINESE[ones] if ones else "")


def unit(random: Random) -> Case:
    building, entrance = random.randint(1, 38), random.randint(1, 6)
    room = random.choice([101, 203, 602, 1203, 1502, 2301])
    part = random.choice(_PLACES["unit_forms"]).format(
        b=building,
        B=_chinese(building),
        w=_spell(str(building), WIDE),
        u=entrance,
        U=_chinese(entrance),
        r=room,
        R=_spell(str(room), CHINESE),
        W=_spell(str(room), WIDE),
        f=room // 100,
        F=_chinese(room // 100),
        L=random.choice("ABCDEFG"),
    )
    return _filled(
        random, _PLACES["unit"], part, lambda shown: not re.search(r"[\d一二三四五六七八九十]", shown)
    )


# What a remark may hold, by the word the figures are told under.
KINDS: Final[Mapping[str, Callable[[Random], Case]]] = {
    "phone": phone,
    "id": identity,
    "card": card,
    "plate": plate,
    "email": email,
    "account": account,
    "unit": unit,
    "name": name,
}
