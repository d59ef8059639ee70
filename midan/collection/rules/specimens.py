"""Orders nobody sent: a good one, and one wrong in each way that must be refused. The door is tried on them when asked.

The identity number is the worked example of GB 11643.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from midan.collection.rules.order import Order, check_row

_Row = Mapping[str, object]
GOOD: Final[_Row] = MappingProxyType(
    {
        "order_ref": "SPECIMEN-1",
        "sender_name": "钱试甲",
        "sender_phone": "17000000001",
        "sender_address": "浙江省杭州市西湖区测试一路1号3幢2单元401室",
        "recipient_name": "孙试乙",
        "recipient_phone": "17000000002",
        "recipient_address": "江苏省南京市玄武区测试二路8号5栋602",
        "goods_name": "测试用书",
        "goods_kind": "图书",
        "quantity": 1,
        "weight_g": 500,
        "remark": "",
        "notice_version": "2026-11",
    }
)
_NOTICES: Final = frozenset({"2026-11"})
_IDENTITY: Final = "11010519491231002X"
# More than the service needs: a field too many, an identity number in any text.
EXCESS: Final[tuple[_Row, ...]] = (
    {**GOOD, "id_number": _IDENTITY},
    {**GOOD, "birthday": "1949-12-31"},
    *(
        {**GOOD, name: _IDENTITY}
        for name in ("order_ref", "sender_name", "recipient_name", "goods_name", "remark")
    ),
)
# field → a value the field must be refused for.
WRONG: Final[Mapping[str, object]] = MappingProxyType(
    {
        "order_ref": "",
        "sender_name": "1",
        "sender_phone": "123",
        "sender_address": "某处",
        "recipient_name": "",
        "recipient_phone": "一二三",
        "recipient_address": "=A1",
        "goods_name": "",
        "goods_kind": "",
        "quantity": 0,
        "weight_g": "很重",
        "remark": "=cmd()",
        "notice_version": "1999-01",
    }
)


def let_in(rows: Iterable[_Row]) -> int:
    """Return how many of the rows are taken as orders."""
    return sum(isinstance(check_row(row, notices=_NOTICES), Order) for row in rows)


def rightly_judged() -> int:
    """Return for how many fields a wrong value is refused, and that field alone named."""
    judged = ((name, check_row({**GOOD, name: value}, notices=_NOTICES)) for name, value in WRONG.items())
    return sum(
        not isinstance(found, Order) and [reject.field for reject in found] == [name]
        for name, found in judged
    )
