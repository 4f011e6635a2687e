"""Draws a report's chart as bars on a canvas."""

from __future__ import annotations

from collections.abc import Callable

from ttkbootstrap import Canvas

from cleanflow.gui.appearance import colour, px
from cleanflow.rendering.document import Chart


def draw_bars(canvas: Canvas, chart: Chart, width: int, height: int, money: Callable[[int], str]) -> None:
    """Draw grouped bars: the first series filled, the second an outline, and a legend."""
    colours = (colour("primary"), colour("secondary"))
    values = [value for series in chart.series for value in series.values]
    highest, lowest = max([*values, 1]), min([*values, 0])
    top, bottom, left = px(22), height - px(20), px(8)
    zero = bottom - (bottom - top) * (0 - lowest) / (highest - lowest)
    each = (width - 2 * left) / max(1, len(chart.places))
    for number, series in enumerate(chart.series):
        shade = colours[number % 2]
        place_of_legend = left + px(160) * number
        canvas.create_rectangle(
            place_of_legend,
            px(6),
            place_of_legend + px(10),
            px(14),
            fill=shade if number == 0 else "",
            outline=shade,
        )
        canvas.create_text(place_of_legend + px(16), px(10), text=series.label, anchor="w", fill=colour("fg"))
        bar = each * 0.8 / len(chart.series)
        for place, value in enumerate(series.values):
            x0 = left + place * each + each * 0.1 + number * bar
            y = zero - (bottom - top) * value / (highest - lowest)
            canvas.create_rectangle(x0, y, x0 + bar, zero, fill=shade if number == 0 else "", outline=shade)
    canvas.create_line(left, zero, width - left, zero, fill=colour("secondary"))
    canvas.create_text(width - left, px(10), text=money(highest), anchor="e", fill=colour("secondary"))
    step = max(1, round(px(60) / each))
    for place in range(0, len(chart.ticks), step):
        x = left + (place + 0.5) * each
        canvas.create_text(x, height - px(8), text=chart.ticks[place], fill=colour("secondary"))
