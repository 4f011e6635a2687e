"""A measured budget, and one that could not be measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """A budget, held if measured / limit <= ``allowed``; both have the same unit.

    ``limit`` is measured in the same run if the budget is a ratio; otherwise it is a fixed value.
    """

    what: str
    measured: float
    limit: float
    unit: str
    against: str
    allowed: float = 1.0

    @property
    def ratio(self) -> float:
        """measured / limit, to be compared with ``allowed``."""
        return self.measured / self.limit

    @property
    def is_held(self) -> bool:
        """Whether the budget is held."""
        return self.ratio <= self.allowed


@dataclass(frozen=True)
class Failure:
    """A part whose budgets could not be measured, and why."""

    what: str
    why: str


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
