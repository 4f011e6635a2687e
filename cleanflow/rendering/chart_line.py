"""A bar chart on a page; the series differ by shades of grey, for any printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from cleanflow.rendering.document import Chart, Document
from cleanflow.rendering.pen import Pen

_GREYS = (0.2, 0.85, 0.55)
_TYPE = 0.85  # of the type size
_BARS = 0.8  # of the width of a place
_MOST_STEPS = 5


@dataclass(frozen=True)
class Scale:
    """The axis in minor units, from ``low`` to ``high`` with a line at every ``step``."""

    low: int
    high: int
    step: int

    def lines(self) -> Iterator[int]:
        """The amounts that have a line."""
        return iter(range(self.low, self.high + 1, self.step))


def scale_of(values: list[int], unit: int) -> Scale:
    """A scale with round steps and at most six lines that spans zero and all ``values``.

    ``unit`` is one major unit in minor units: steps are whole major units if the amounts allow it.
    """
    low, high = min(values, default=0), max(values, default=0)
    low, high = min(low, 0), max(high, 0)
    wanted = max(ceil((high - low) / _MOST_STEPS), 1)
    step = wanted
    size = 10 ** max(len(str(wanted)) - 1, 0)
    for factor in (1, 2, 5, 10):
        if size * factor >= wanted:
            step = size * factor
            break
    if high == low:
        step = high = unit
    return Scale(low // step * step, -(-high // step) * step, step)


@dataclass(frozen=True)
class ChartLine:
    """A chart as one tall line of the page."""

    document: Document
    chart: Chart
    height: float = 17.0
    keeps_next: bool = False
    repeated: None = None

    def draw(self, pen: Pen, x: float, y: float, width: float) -> None:
        """Draw the legend above, the bars over hairlines, and the places' names below."""
        scale = self._scale()
        labels = {amount: self._label(amount) for amount in scale.lines()}
        small = pen.size * _TYPE
        left = x + max(pen.fonts.width(label, small) for label in labels.values()) + 0.6 * pen.size
        right = x + width
        bottom, top = y + 1.1 * pen.size, y + (self.height - 2.6) * pen.size
        per_minor = (top - bottom) / (scale.high - scale.low)
        zero = bottom - scale.low * per_minor
        for amount, label in labels.items():
            line = bottom + (amount - scale.low) * per_minor
            pen.rule(left, line, right - left, grey=0.82)
            pen.text_right(left - 0.5 * pen.size, line - 0.3 * small, label, size=small, grey=True)
        self._draw_bars(pen, left, zero, right - left, per_minor)
        pen.rule(left, zero, right - left, thick=0.6)
        self._draw_ticks(pen, left, y, right - left)
        self._draw_legend(pen, left, y + (self.height - 1.7) * pen.size)

    def _scale(self) -> Scale:
        values = [value for series in self.chart.series for value in series.values]
        return scale_of(values, 10**self.document.currency.decimals)

    def _label(self, amount: int) -> str:
        unit = 10**self.document.currency.decimals
        step = self._scale().step
        return self.document.currency.format(amount) if step % unit else f"{amount // unit:,}"

    def _draw_bars(self, pen: Pen, left: float, zero: float, width: float, per_minor: float) -> None:
        place_width = width / max(len(self.chart.places), 1)
        bar_width = place_width * _BARS / max(len(self.chart.series), 1)
        for number, series in enumerate(self.chart.series):
            for place, value in enumerate(series.values):
                if value:
                    start = left + place * place_width + place_width * (1 - _BARS) / 2 + number * bar_width
                    pen.bar(start, zero, bar_width, value * per_minor, grey=_GREYS[number % len(_GREYS)])

    def _draw_ticks(self, pen: Pen, left: float, y: float, width: float) -> None:
        """Draw as many names of places as there is room for."""
        small = pen.size * _TYPE
        ticks = self.chart.ticks
        place_width = width / max(len(ticks), 1)
        widest = max((pen.fonts.width(tick, small) for tick in ticks), default=0)
        every = max(1, ceil((widest + 0.4 * small) / place_width))
        for place in range(0, len(ticks), every):
            middle = left + (place + 0.5) * place_width
            own = pen.fonts.width(ticks[place], small)
            pen.text(middle - own / 2, y, ticks[place], size=small, grey=True)

    def _draw_legend(self, pen: Pen, x: float, y: float) -> None:
        small = pen.size * _TYPE
        for number, series in enumerate(self.chart.series):
            pen.bar(x, y, small, 0.7 * small, grey=_GREYS[number % len(_GREYS)])
            x += 1.4 * small
            pen.text(x, y, series.label, size=small)
            x += pen.fonts.width(series.label, small) + 1.6 * small
