"""How numbers and dates are written in the languages a contract can name. Sentences stay English."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from expectations.contract import Display
from tasks.report.numbers import Numbers

_NARROW = "\N{NARROW NO-BREAK SPACE}"
_MARKS = {
    "en": (",", "."),
    "de": (".", ","),
    "de-CH": ("’", "."),
    "es": (".", ","),
    "fr": (_NARROW, ","),
    "it": (".", ","),
    "nl": (".", ","),
    "pt": (".", ","),
    "sv": (_NARROW, ","),
}
_ISO = "%Y-%m-%d"
_DATES = {"de": "%d.%m.%Y", "de-CH": "%d.%m.%Y", "nl": "%d-%m-%Y"} | dict.fromkeys(("es", "fr", "it", "pt"), "%d/%m/%Y")
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "sv": "jan feb mars apr maj juni juli aug sep okt nov dec",
}


def numbers_for(display: Display) -> Numbers:
    """How a dataset's numbers and dates are written."""
    group, point = _MARKS[display.language]
    months = _MONTHS[display.language.split("-")[0]].split()
    zone = ZoneInfo(display.time_zone)
    return Numbers(group, point, _DATES.get(display.language, _ISO), tuple(months), zone)
