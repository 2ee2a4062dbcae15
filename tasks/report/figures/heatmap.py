"""The week as a map: rows by day of the week and hour of the day."""

from __future__ import annotations

from tasks.report.figures.axes import label_x
from tasks.report.figures.canvas import Canvas, place
from tasks.report.figures.drawing import Drawing, Source, drawn
from tasks.report.figures.style import BLUE, HALF, SOFT
from tasks.report.words import counted

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_GAP = 0.06
_LIGHTEST = 0.05  # an hour without rows is still a field


def heatmap_plot(source: Source) -> list[Drawing]:
    """A field for each hour of the week, the darker the more rows."""
    table = source.read("weekday_hour")
    if table is None or not table["count"].sum():
        return []
    counts = {(day, hour): count for day, hour, count in table.select("weekday", "hour", "count").iter_rows()}
    (day, hour), most = max(counts.items(), key=lambda item: (item[1], -item[0][0], -item[0][1]))
    empty = sum(not count for count in counts.values())
    busiest = f"{_WEEKDAYS[day - 1]}, {hour}:00 to {hour + 1}:00, {counted(most, 'row', source.numbers.whole(most))}"
    how = f"Rows by the hour of the week in which they start, the darker the more. Busiest: {busiest}."
    how += f" {empty} hours have none." if empty else ""

    def draw(width: int) -> Canvas:
        canvas = Canvas(width, 216)
        panel = place(canvas, 46, 40, 8, 8, x=(0, 24), y=(7, 0))
        for (day, hour), count in counts.items():
            shade = _LIGHTEST + (1 - _LIGHTEST) * count / most
            corners = panel.at(hour + _GAP, day - 1 + _GAP), panel.at(hour + 1 - _GAP, day - _GAP)
            canvas.box(*corners, BLUE, shade)
        label_x(panel, range(0, 25, 6), [str(hour) for hour in range(0, 25, 6)], "hour of the day")
        for at, name in enumerate(_WEEKDAYS):
            canvas.text(panel.at(-0.3, at + 0.5), name[:3], SOFT, "right", "middle")
        return canvas

    return [Drawing("weekday_hour", "time", "The week", how, how, drawn("weekday_hour", how, draw, HALF))]
