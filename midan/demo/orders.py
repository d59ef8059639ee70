"""Invented orders, endless and repeatable: the same seed gives the same orders."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from midan.core.fields.divisions import Division
from midan.demo.addresses import AddressMaker
from midan.demo.words import (
    COMPANY_TAILS,
    COMPANY_WORDS,
    COMPOUND_SURNAMES,
    FOREIGN_NAMES,
    GIVEN,
    GOODS,
    MINORITY_NAMES,
    PERSONAL_REMARKS,
    REMARKS,
    SURNAMES,
)

# Prefixes of the right shape that no operator had been given by 2026: a call to them reaches nobody.
UNALLOCATED = ("154", "160", "161", "163", "164", "168", "169")
_AREA_CODES = ("010", "021", "0571", "0755", "028", "027", "025", "0512", "0731", "0898")


class OrderMaker:
    """Makes order rows in the contract's fields (design: an order row)."""

    def __init__(
        self,
        *,
        seed: int,
        notice_version: str,
        senders: Sequence[Division] | None = None,
        recipients: Sequence[Division] | None = None,
    ) -> None:
        self._random = Random(seed)  # noqa: S311  # invented people, not keys
        self._seed = seed
        self._notice = notice_version
        self._from = AddressMaker(self._random, senders)
        self._to = AddressMaker(self._random, recipients)

    def rows(self, count: int) -> Iterator[Mapping[str, str | int]]:
        """Yield `count` orders; order references are unique within a seed."""
        for number in range(count):
            yield self._row(number)

    def _row(self, number: int) -> Mapping[str, str | int]:
        random = self._random
        kind, names = random.choice(GOODS)
        recipient, address = self.person(), self._to.make()
        return {
            "order_ref": f"MO{self._seed:04d}{number:09d}",
            "sender_name": self._company() if random.random() < 0.55 else self.person(),
            "sender_phone": self.phone(),
            "sender_address": self._from.make().text,
            "recipient_name": recipient,
            "recipient_phone": self.phone(),
            "recipient_address": address.text,
            "goods_name": random.choice(names),
            "goods_kind": kind,
            "quantity": 1 if random.random() < 0.8 else random.randint(2, 12),
            "weight_g": random.randint(1, 240) * 50,
            "remark": self._remark(recipient, address.unit),
            "notice_version": self._notice,
        }

    def person(self) -> str:
        """Return an invented person's name."""
        random = self._random
        style = random.random()
        if style < 0.006:
            return random.choice(MINORITY_NAMES)
        if style < 0.009:
            return random.choice(FOREIGN_NAMES)
        surname = random.choice(COMPOUND_SURNAMES) if style < 0.02 else random.choice(SURNAMES)
        given = random.choice(GIVEN)
        return surname + given + (random.choice(GIVEN) if random.random() < 0.78 else "")

    def phone(self) -> str:
        """Return an invented phone as people type it."""
        random = self._random
        style = random.random()
        if style < 0.05:
            return f"{random.choice(_AREA_CODES)}-{random.randint(20_000_000, 89_999_999)}"
        digits = f"{random.choice(UNALLOCATED)}{random.randrange(10**8):08d}"
        if style < 0.08:
            return f"+86 {digits}"
        if style < 0.1:
            return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
        return digits

    def _company(self) -> str:
        return self._random.choice(COMPANY_WORDS) + self._random.choice(COMPANY_TAILS)

    def _remark(self, name: str, unit: str) -> str:
        random = self._random
        if random.random() < 0.95:
            return random.choice(REMARKS)
        letters = "".join(random.choice("abcdefghkmnprstw") for _ in range(5))
        return random.choice(PERSONAL_REMARKS).format(
            phone=f"{random.choice(UNALLOCATED)}{random.randrange(10**8):08d}",
            name=name,
            unit=unit or "3栋501",
            letters=letters,
        )
