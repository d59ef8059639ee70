"""The keepers of one home: one to three, all holding the same generation, each under its own protection."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.utils.translation.trans_null import gettext_noop

from midan.core.errors import MidanError
from midan.vault.errors import DatabaseOutdated, KeeperOutdated, KeeperUnreachable, VaultLocked
from midan.vault.keyd.keeper import FileKeeper, Keeper
from midan.vault.keyd.split import SplitKeeper
from midan.vault.keyd.token import TokenKeeper
from midan.vault.keyd.wrapping import Generation


def named(words: Sequence[str], *, keys: Path, passphrase: Callable[[], bytes]) -> tuple[Keeper, ...]:
    """Return the keepers that MIDAN_KEEPERS names; the settings have checked its words."""
    return tuple(_one(word, keys, passphrase) for word in words)


def _one(word: str, keys: Path, passphrase: Callable[[], bytes]) -> Keeper:
    kind, _, rest = word.partition(":")
    if kind == "split":
        folder_a, _, folder_b = rest.partition(":")
        return SplitKeeper(Path(folder_a), Path(folder_b), word)
    if kind == "token":
        return TokenKeeper(Path(rest), word)
    return FileKeeper(Path(rest) if rest else keys, passphrase, word)


class Keepers:
    """What several keepers know together. The order is that of the setting: the first that answers is asked."""

    def __init__(self, keepers: Sequence[Keeper]) -> None:
        self._keepers = tuple(keepers)

    def __iter__(self) -> Iterator[Keeper]:
        return iter(self._keepers)

    @property
    def kinds(self) -> str:
        """Return the classes, such as 'file' or 'file+split'."""
        return "+".join(keeper.kind for keeper in self._keepers)

    def held(self) -> dict[str, tuple[int, ...]]:
        """Return what each keeper in reach holds."""
        found: dict[str, tuple[int, ...]] = {}
        for keeper in self._keepers:
            try:
                found[keeper.name] = keeper.held()
            except KeeperUnreachable:
                continue
        return found

    def newest(self) -> int:
        """Return the newest generation any keeper in reach holds, 0 for none."""
        return max((number for held in self.held().values() for number in held), default=0)

    def begin(self, generation: Generation) -> None:
        """Give the first generation to every keeper, all of which have to be there at the beginning."""
        for keeper in self._keepers:
            keeper.held()
        for keeper in self._keepers:
            keeper.create(generation)

    def read(self, number: int, *, claimed: int) -> Generation:
        """Return the generation the database counts on.

        WrongPassphrase, KeyFileDamaged when the keepers that have it do not open; KeeperOutdated when they hold older
        ones only; DatabaseOutdated when one holds a generation this database never claimed; VaultLocked for none.
        """
        held = self.held()
        newest = max((one for numbers in held.values() for one in numbers), default=0)
        if newest > claimed:
            raise DatabaseOutdated(held=newest, claimed=claimed)
        refused: MidanError | None = None
        for keeper in self._keepers:
            if number in held.get(keeper.name, ()):
                try:
                    return keeper.read(number)
                except MidanError as error:  # another keeper may be whole
                    refused = refused or error
        if refused is not None:
            raise refused
        if 0 < newest < number:
            raise KeeperOutdated(held=newest, wanted=number)
        raise VaultLocked(gettext_noop("无法读取密钥文件，保险库已锁定"))
