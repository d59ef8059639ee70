"""E-mail addresses and the account names people are reached by, in free text."""

import re
from collections.abc import Iterator

_DOT = r"\s?(?:\.|。|·|点|\[dot\]|\(dot\)|\bdot\b)\s?"
_PROVIDER = (
    r"(?:qq|163|126|yeah|sina|sohu|139|189|gmail|outlook|hotmail|foxmail|aliyun|icloud|yahoo|live|vip)"
)
_LABEL = r"[A-Za-z0-9\-]+"
_EMAIL = re.compile(
    r"[A-Za-z0-9_%+\-\u00c0-\u024f]+(?:\.[A-Za-z0-9_%+\-]+)*"
    r"(?:\s?@\s?|\s?[\[({]\s?(?:at|@)\s?[\])}]\s?|\s?#at#\s?|\s?艾特\s?|\s?圈[Aa]\s?|\s+(?:at|AT|At)\s+)"
    # Up to the first ending that nothing of an address follows: behind "a@b.com. " begins a sentence.
    rf"(?:{_LABEL}(?:{_DOT}{_LABEL})*?{_DOT}[A-Za-z]{{2,24}}(?![A-Za-z0-9\-]|[.。·点][A-Za-z0-9])"
    rf"|{_LABEL}(?:{_DOT}{_LABEL})*{_DOT}(?:com|net|org|edu|gov|cn|[A-Za-z]{{2,6}})|{_PROVIDER}(?![A-Za-z0-9]))"
)
_GLUE = r"(?:号码?|ID|id|群号?|群|同号|账号|帐号|名|联系|是|为|加|搜索?|[:：\s\-_=→➡👉,，()（）\[\]【】。.])"
_HANDLE = r"[A-Za-z][A-Za-z0-9_\-]{4,19}|(?=[A-Za-z0-9_\-]*[0-9])[A-Za-z0-9][A-Za-z0-9_\-]{4,19}"
_WECHAT = re.compile(
    r"(?:微\s?信|薇\s?信|威信|徽信|维信|[微薇][❤♥💗]\ufe0f?|[vV]\s?信|[vVw威]❤|(?<![A-Za-z])(?:wei\s?xin|we\s?chat|[vw]\s?x)|卫星号|绿泡泡|"
    rf"[加➕+]\s?(?:个|我)?\s?[vV威薇微](?![A-Za-z]*[\u4e00-\u9fff])|(?<![A-Za-z0-9])[vV](?=\s?[:：])){_GLUE}{{0,6}}(?P<handle>{_HANDLE})(?![A-Za-z0-9@])",
    re.IGNORECASE,
)
_QQ = re.compile(
    rf"(?:(?<![A-Za-z])[Qq]\s?[Qq](?![A-Za-z])|扣扣|叩叩|秋秋|球球|抠抠|企鹅号?|(?<![A-Za-z])[Qq](?=[:：号])|[加+]\s?[Qq]){_GLUE}{{0,6}}"
    r"(?P<handle>[1-9](?:\s?[0-9]){4,10})(?![0-9])"
)
_OTHER = re.compile(
    r"(?:支付宝|抖音|小红书|快手|旺旺|陌陌|钉钉|微博|飞书|闲鱼|淘宝|telegram|whatsapp|line|instagram|(?<![a-z])ins|(?<![a-z])tg|账号|帐号|用户名|昵称)"
    rf"(?:号|ID|id|账号|帐号|名|[:：]|\s(?=[A-Za-z]))+[是为:：\s]*(?P<handle>{_HANDLE})(?![A-Za-z0-9@])",
    re.IGNORECASE,
)
_HANDLE_LIKE = re.compile(r"[A-Za-z0-9](?:\s?[A-Za-z0-9_\-]){4}")


def find_emails(view: str) -> Iterator[tuple[int, int]]:
    """Yield where e-mail addresses stand, whole: a domain of one's own is a name (wang@wangwei.com)."""
    if "@" in view or "at" in view or "AT" in view or "艾特" in view or "圈" in view:
        for match in _EMAIL.finditer(view):
            yield match.span()


def find_accounts(view: str) -> Iterator[tuple[int, int]]:
    """Yield where account names and numbers stand: the word that announces them stays."""
    if _HANDLE_LIKE.search(view):
        for pattern in (_WECHAT, _QQ, _OTHER):
            for match in pattern.finditer(view):
                yield match.span("handle")
