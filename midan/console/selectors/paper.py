"""The paper of all branches: each one's ledger, and the differences as a chart."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from midan.console.selectors.charts import Chart
from midan.paper import selectors as paper
from midan.paper.rules import Ledger

_DRAWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchesPage:
    """Every branch's ledger, the largest difference first; `difference` sums them without sign."""

    ledgers: tuple[Ledger, ...]
    difference: int
    chart: Chart


def branches_page() -> BranchesPage:
    """Return the ledgers of this moment. The chart has the branches with the largest differences."""
    ledgers = paper.ledgers()
    open_ = [one for one in ledgers if one.unexplained][:_DRAWN]
    return BranchesPage(
        ledgers=ledgers,
        difference=sum(abs(one.unexplained) for one in ledgers),
        chart=Chart(
            title=gettext("去向不明的张数，按网点（负数是多出来的）"),
            rows=tuple((one.branch, one.unexplained) for one in open_),
        ),
    )
