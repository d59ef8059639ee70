"""The nature of goods (物品性质): a closed list, because it stands in clear beside the waybill.

Free text would let a name or a phone slip into the clear table, so a word outside the list counts as 其他; what
the thing is called stays in the sealed goods name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OTHER: Final = "其他"

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "文件": ("document", "documents", "文件资料", "资料", "证件"),
    "服装": ("clothing", "clothes", "apparel", "服饰", "鞋帽", "服装鞋帽", "鞋服"),
    "食品": ("food", "零食", "特产"),
    "生鲜": ("fresh", "水果", "冷链"),
    "日用品": ("daily", "household", "百货", "日用百货", "生活用品"),
    "电子产品": ("electronics", "digital", "数码", "数码产品", "数码家电", "手机数码"),
    "家电": ("appliance", "appliances", "电器", "家用电器"),
    "图书": ("book", "books", "书籍", "图书音像"),
    "化妆品": ("cosmetics", "美妆", "护肤品", "个护化妆"),
    "医药": ("medicine", "药品", "保健品", "医疗器械"),
    "母婴": ("baby", "母婴用品"),
    "玩具": ("toy", "toys"),
    "家居": ("furniture", "home", "家具", "家居用品"),
    "办公用品": ("office", "stationery", "文具"),
    "运动户外": ("sports", "运动", "体育用品"),
    "工艺品": ("craft", "crafts", "礼品", "珠宝", "首饰"),
    "配件": ("parts", "零配件", "五金", "汽配", "机械配件"),
    "包裹": ("parcel", "package", "goods", "物品"),
    OTHER: ("other", "others", "其它"),
}
KINDS: Final = tuple(_WORDS)
_KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {alias: kind for kind, aliases in _WORDS.items() for alias in (kind, *aliases)}
)


def kind_of(text: str) -> str:
    """Return the kind a word stands for; 其他 for a word nobody listed."""
    return _KNOWN.get(text) or _KNOWN.get(text.casefold(), OTHER)
