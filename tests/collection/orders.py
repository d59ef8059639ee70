"""Invented orders."""

from collections.abc import Iterable
from typing import Any

from midan.core.actor import Actor

VERSION = "2026-11"
CLIENT = "shop"
ACTOR = Actor(kind="client", name=CLIENT, role="integrator", branch="HZ001")
# Nobody has these; they are looked for wherever they must not turn up.
CANARY_NAME = "欧阳金丝雀"
CANARY_PHONE = "17000009731"
CANARY_ROAD = "鸣鸟测试大道9731号"
CANARY_ADDRESS = f"浙江省杭州市西湖区{CANARY_ROAD}2幢301室"
CANARY_REMARK = "请放在红色的测试鸟笼旁"
CANARY_GOODS = "金丝雀专用测试饲料"
CANARY_REF = "CANARY-REF-9731"
CANARIES = (CANARY_NAME, CANARY_PHONE, CANARY_ROAD, CANARY_REMARK, CANARY_GOODS, CANARY_REF)


def order(number: int = 1, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "order_ref": f"T{number:07d}",
        "sender_name": "钱试甲",
        "sender_phone": "17000000001",
        "sender_address": "浙江省杭州市西湖区测试一路1号3幢2单元401室",
        "recipient_name": "孙试乙",
        "recipient_phone": f"1700001{number % 10000:04d}",
        "recipient_address": "江苏省南京市玄武区测试二路8号5栋602",
        "goods_name": "测试用书",
        "goods_kind": "图书",
        "quantity": 1,
        "weight_g": 500,
        "remark": "",
        "notice_version": VERSION,
    }
    return row | changes


def canary(**changes: Any) -> dict[str, Any]:
    row = order(
        9731,
        order_ref=CANARY_REF,
        recipient_name=CANARY_NAME,
        recipient_phone=CANARY_PHONE,
        recipient_address=CANARY_ADDRESS,
        goods_name=CANARY_GOODS,
        remark=CANARY_REMARK,
    )
    return row | changes


def leaked(*texts: object) -> list[str]:
    """Return the canaries that occur in what was shown."""
    shown = "\n".join(map(str, texts))
    return [canary for canary in CANARIES if canary in shown]


def csv_text(rows: Iterable[dict[str, Any]], columns: list[str] | None = None) -> str:
    names = columns or list(order())
    lines = [",".join(names)]
    lines += [",".join(str(row.get(name, "")) for name in names) for row in rows]
    return "\r\n".join(lines) + "\r\n"
