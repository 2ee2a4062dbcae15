"""Numbers, durations and times as people read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

MISSING = "–"
_MICROSECONDS_PER_SECOND = 1_000_000
_SIZES = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Numbers:
    """How numbers and dates are written: what groups thousands, what stands before a fraction, the order of a date."""

    group: str = ","
    point: str = "."
    date_pattern: str = "%Y-%m-%d"
    months: tuple[str, ...] = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    zone: tzinfo = UTC

    def whole(self, value: float | Decimal) -> str:
        """A whole number: 12,345."""
        return self._marked(f"{round(value):,}")

    def exact(self, value: Decimal) -> str:
        """A decimal with all its digits: 1,234.50."""
        return self._marked(f"{value:,f}")

    def fixed(self, value: float, decimals: int) -> str:
        """A measured number with a given number of decimals; one that would round to nothing keeps its digits."""
        if not math.isfinite(value) or (value and abs(value) < 0.5 * 10**-decimals):
            return self.real(value)
        return self._marked(f"{value:,.{decimals}f}")

    def real(self, value: float) -> str:
        """A measured number with about four digits that say something: 12,346, 123.5, 1.235, 0.001235, 1.2e-9."""
        if not math.isfinite(value):
            return {"nan": "not a number", "inf": "∞", "-inf": "−∞"}[str(value)]
        size = abs(value)
        if size >= 1000 or value == int(value):
            text = f"{value:,.0f}" if size < 1e15 else f"{value:.3e}"
        elif size < 1e-4:
            text = f"{value:.1e}"
        else:
            digits = max(0, 3 - math.floor(math.log10(size)))
            text = f"{value:,.{digits}f}".rstrip("0").rstrip(".")
        return self._marked(text)

    def compact(self, value: float) -> str:
        """A number in little room: 968.6 M for 968,555,320; below ten million as it is."""
        for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
            if abs(value) >= max(size, 1e7):
                return f"{self.real(float(f'{value / size:.4g}'))} {sign}"
        return self.real(value)

    def change(self, value: float) -> str:
        """By which part something grew or shrank: +12.3 %, −5 %, 0 %."""
        text = self.real(round(100 * value, 1 if abs(value) < 1 else 0))
        return f"{'+' if value > 0 and text != '0' else ''}{text} %"

    def share(self, value: float) -> str:
        """A part of the whole in per cent; never 0 % or 100 % where it is not exactly that."""
        percent = value * 100
        if percent in (0, 100):
            text = f"{percent:.0f}"
        elif percent < 0.1:
            return f"<{self._marked('0.1')} %"
        elif 99.9 < percent < 100:
            return f">{self._marked('99.9')} %"
        else:
            text = f"{percent:.1f}"
        return f"{self._marked(text)} %"

    def duration(self, seconds: float) -> str:
        """A length of time in its two largest units: 45 ms, 4.2 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
        if seconds < 0:
            return f"−{self.duration(-seconds)}"
        if seconds < 0.9995:
            return "0 s" if seconds == 0 else f"{self.real(float(f'{seconds * 1000:.3g}'))} ms"
        if seconds < 59.95:
            return f"{self.real(round(seconds, 1))} s"
        whole = round(seconds)
        for size, unit, next_size, next_unit in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
            if whole >= size:
                rest = whole % size // next_size
                return f"{self.whole(whole // size)} {unit}" + (f" {rest} {next_unit}" if rest else "")
        return f"{whole} s"

    def size(self, size_bytes: int) -> str:
        """How large a file is: 812 bytes, 3.4 MB."""
        scaled = float(size_bytes)
        for unit in _SIZES:
            if scaled < 1000 or unit == _SIZES[-1]:
                return f"{self.whole(scaled) if unit == 'bytes' else self.real(round(scaled, 1))} {unit}"
            scaled /= 1000
        raise AssertionError("unreachable")

    def value(self, value: object) -> str:
        """Any value of a table, by its type."""
        if value is None:
            return MISSING
        if isinstance(value, bool):
            return "yes" if value else "no"
        for kind, write in self._writers().items():
            if isinstance(value, kind):
                return write(value)
        return str(value)

    def day(self, value: date) -> str:
        """A day: 2026-09-22, or in the order of the language."""
        return value.strftime(self.date_pattern)

    def day_and_month(self, value: date) -> str:
        """A day on an axis: 22 Sep."""
        return f"{value.day} {self.months[value.month - 1]}"

    def month_and_year(self, value: date) -> str:
        """A month on an axis: Sep 2026."""
        return f"{self.months[value.month - 1]} {value.year}"

    def moment(self, value: datetime) -> str:
        """A point in time, to the second or finer where it is; one that knows its zone is shown in this zone."""
        local = value.astimezone(self.zone) if value.tzinfo else value
        fraction = f".{local.microsecond:06d}".rstrip("0") if local.microsecond else ""
        zone = f" {local.tzname()}" if value.tzinfo else ""
        return f"{self.day(local)} {local:%H:%M:%S}{fraction}{zone}"

    def _writers(self) -> dict[type, Callable[[Any], str]]:
        return {
            int: self.whole,
            float: self.real,
            Decimal: self.exact,
            timedelta: lambda value: self.duration(value.total_seconds()),
            datetime: self.moment,
            date: self.day,
        }

    def _marked(self, text: str) -> str:
        """Python's marks replaced by those of this style; a true minus sign."""
        marks = {",": self.group, ".": self.point, "-": "−"}
        return "".join(marks.get(character, character) for character in text)
