"""The page of clause T2: which places use the national algorithms, and which do not."""

from dataclasses import dataclass

from midan.catalog.rules import Algorithm
from midan.review import selectors as review
from midan.vault.algorithms import failed_test


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmsPage:
    """The places by standing. `failed` names the public test vector the ciphers fail at, '' for none."""

    national: tuple[Algorithm, ...]
    other: tuple[Algorithm, ...]
    unseen: tuple[Algorithm, ...]
    failed: str

    @property
    def total(self) -> int:
        """Return how many places there are."""
        return len(self.national) + len(self.other) + len(self.unseen)


def algorithms_page() -> AlgorithmsPage:
    """Return the places as they are configured at this moment, and how the self-test went just now."""
    found = review.algorithms()
    return AlgorithmsPage(
        national=tuple(row for row in found if row.standing == "national"),
        other=tuple(row for row in found if row.standing == "other"),
        unseen=tuple(row for row in found if row.standing == "unseen"),
        failed=failed_test(),
    )
