"""Hand-made labels: an ordinary one, and one with the longest of everything."""

from typing import Any

from midan.core.number import encode
from midan.label import rules
from midan.label.rules import LabelModel

TOKEN = "YBORYKLECOPCXVQGHFLSWKLEEQ"
PAYLOAD = f"HTTP://LOCALHOST:8000/L/{TOKEN}"
NUMBER = encode(bytes(16), 5)
ORDINARY: dict[str, Any] = {
    "number": NUMBER,
    "payload": PAYLOAD,
    "sorting_code": "571-H02-015",
    "destination": "杭州市 · 杭州西湖网点",
    "recipient_name": "孙**",
    "recipient_phone": "*******1234",
    "recipient_address": "浙江省杭州市西湖区测试大道东方测试花园*********",
    "sender_name": "钱*",
    "sender_phone": "*******5678",
    "sender_address": "广东省深圳市南山区测试街道高新测试一道**********",
    "goods_kind": "服装",
    "quantity": 1,
    "weight_g": 1200,
    "printed_on": "2026-11-23",
    "copy_no": 1,
    "company": "远山速递有限公司",
}
LONGEST: dict[str, Any] = ORDINARY | {
    "sorting_code": "99999999-WWWWWWWW-88888888",
    "destination": "新疆维吾尔自治区 · 巴音郭楞蒙古自治州和静县巴音布鲁克测试网点（加盟）",
    "recipient_name": "杭州" + "*" * 40 + "有限公司",
    "recipient_address": "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇"
    + "幸福测试大道" * 20
    + "*" * 60,
    "sender_name": "欧阳" + "*" * 20,
    "sender_address": "内蒙古自治区呼伦贝尔市鄂伦春自治旗大杨树镇" + "中央测试大街" * 25 + "*" * 40,
    "goods_kind": "电子产品",
    "quantity": 100_000,
    "weight_g": 10_000_000,
    "copy_no": 12,
    "company": "某某某某某某某某某某速递物流（集团）股份有限公司杭州分公司",
}


def model(**changes: Any) -> LabelModel:
    return rules.build(ORDINARY | changes)


def longest() -> LabelModel:
    return rules.build(LONGEST)
