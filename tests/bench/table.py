"""Prints the budgets, one per line: value, limit, ratio and verdict."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.budget import Budget, Failure


def print_table(results: Sequence[Budget | Failure]) -> None:
    """Print one line per budget or failed part, and a summary."""
    width = max(len(result.what) for result in results)
    print(
        f"{'budget':<{width}}  {'measured':>12}  {'limit':>12}  {'ratio':>6}  {'allowed':>7}  verdict  held against"
    )
    for result in results:
        print(f"{result.what:<{width}}  {_words(result)}")
    held = sum(not isinstance(result, Failure) and result.is_held for result in results)
    print(f"{held} of {len(results)} held")


def _words(result: Budget | Failure) -> str:
    if isinstance(result, Failure):
        return f"NOT MEASURED: {result.why}"
    verdict = "held" if result.is_held else "MISSED"
    return (
        f"{result.measured:>9.3f} {result.unit:<2}  {result.limit:>9.3f} {result.unit:<2}"
        f"  {result.ratio:>6.2f}  {result.allowed:>7.2f}  {verdict:<7}  {result.against}"
    )
