"""A measured budget, and the table of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """``measured`` and ``limit`` in the same unit; held when measured / limit <= ``allowed``.

    ``limit`` is measured in the same run wherever the budget is a ratio, else a fixed patience.
    """

    what: str
    measured: float
    limit: float
    unit: str
    against: str
    allowed: float = 1.0

    @property
    def ratio(self) -> float:
        """How much of the limit was used; to be compared with ``allowed``."""
        return self.measured / self.limit

    @property
    def is_held(self) -> bool:
        """Whether the budget is held."""
        return self.ratio <= self.allowed


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_table(budgets: list[Budget]) -> None:
    """One line a budget."""
    width = max(len(budget.what) for budget in budgets)
    print(
        f"{'budget':<{width}}  {'measured':>12}  {'limit':>12}  {'ratio':>6}  {'allowed':>7}  verdict  held against"
    )
    for budget in budgets:
        verdict = "held" if budget.is_held else "MISSED"
        print(
            f"{budget.what:<{width}}  {budget.measured:>9.3f} {budget.unit:<2}  {budget.limit:>9.3f} {budget.unit:<2}"
            f"  {budget.ratio:>6.2f}  {budget.allowed:>7.2f}  {verdict:<7}  {budget.against}"
        )
