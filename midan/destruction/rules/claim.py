"""What a certificate claims, in words: fixed text in both languages, so that every certificate says the same.

It is part of what is signed. A changed wording is a new version of the text, never a correction of an issued one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONDITION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "zh": (
            "上述信息的密钥已销毁。即使有人掌握全部数据库、数据库日志、备份、密钥包和现行密钥，也无法再读出这些信息，"
            "当且仅当旧一代密钥没有任何副本留存。各保管处抹除旧密钥的回执及其类别列于本证明；“尽力而为”类的保管处不能"
            "保证存储介质没有残留。"
        ),
        "en": (
            "The keys of the information above are destroyed. Even with every database, database log, backup, key pack"
            " and current key, it cannot be read again if and only if no copy of an older generation secret survives."
            " The receipts of the keepers that erased the older generations, and their classes, are listed in this"
            " certificate; a keeper marked 'best effort' cannot promise that its storage keeps no remains."
        ),
    }
)
# What an old copy of each class of keeper would still open: the condition, said for the keepers at hand.
COPIES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "file": {
            "zh": "口令文件：旧密钥文件的副本连同口令，能再次读出。",
            "en": "Passphrase file: an old copy of the key file together with the passphrase opens it again.",
        },
        "split": {
            "zh": "分置两半：只有一半的旧副本读不出；两半的旧副本都在，则能再次读出。",
            "en": "Two halves: an old copy of one half opens nothing; old copies of both open it again.",
        },
        "token": {
            "zh": "密码令牌：旧密钥文件的副本读不出，除非令牌自身被复制过。",
            "en": "Hardware token: an old copy of the key file opens nothing, unless the token itself was copied.",
        },
    }
)
OUTSIDE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "zh": (
            "密钥进程运行时的内存，以及当时已显示在屏幕上、已打印在纸上或被人记下的内容。",
            "其他公司、合作方与主管机关自行保存的副本。",
            "未登记的衍生文件，以及本证明“衍生文件”一节中标明未能删除的文件。",
            "运单号、网点、时间、状态、重量等不含个人信息的运单记录，按其自身期限保存。",
        ),
        "en": (
            "The memory of the key process while it ran, and what was then on screens, on paper or in somebody's mind.",
            "Copies that other companies, partners and authorities keep themselves.",
            "Derived files that were not registered, and files this certificate lists as not removed.",
            "The waybill record without personal data (number, branch, times, status, weight), kept for its own term.",
        ),
    }
)
METHOD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "zh": (
            "密码学销毁：信息逐项以 SM4-GCM 加密，密钥由每期一棵 SM3 密钥树派生；销毁密钥期即删除其密钥状态，"
            "销毁个人即从密钥树中剔除其节点；随后更换代际密钥，各保管处抹除旧的一代；最后清除密文行、检索摘要与衍生文件。"
        ),
        "en": (
            "Cryptographic: every item is sealed with SM4-GCM under keys drawn from one SM3 key tree an epoch. An epoch is"
            " destroyed by dropping its key state, a person by taking their node out of the tree; then the generation"
            " secret is replaced and every keeper erases the older one; sealed rows, search digests and derived files"
            " are removed last."
        ),
    }
)
