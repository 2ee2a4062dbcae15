"""What is said about each result table, and where in the report it stands."""

from __future__ import annotations

from typing import NamedTuple

from tasks.report.tables import TableText
from tasks.report.words import Words


class Part(NamedTuple):
    """A section of the report: figures by their `section`, tables by name with how many rows of each are shown."""

    id: str
    title: str
    intro: str
    tables: tuple[tuple[str, int], ...]


PARTS = (
    Part(
        "time",
        "Over time",
        "",
        (
            ("change_points", 12),
            ("daily_trend", 14),
            ("daily_comparison", 14),
            ("hourly_trend", 24),
            ("weekday_hour", 24),
        ),
    ),
    Part("categories", "Categories", "", (("event_distribution", 15), ("event_distribution_test", 1))),
    Part(
        "entities",
        "{entities}",
        "",
        (("top_entities", 15), ("session_metrics", 10), ("entity_concentration", 20), ("new_and_returning", 14)),
    ),
    Part(
        "outliers",
        "Spread and outliers",
        "",
        (("outlier_bounds", 10), ("outliers", 16), ("outliers_by_category", 20)),
    ),
    Part(
        "columns",
        "Columns",
        "Every column of the contract, over all accepted rows.",
        (
            ("column_summary", 60),
            ("column_top_values", 40),
            ("correlations", 20),
            ("column_times", 20),
            ("column_histogram", 20),
            ("column_bands", 20),
        ),
    ),
)
OTHER = Part("other", "Other tables", "", ())
# Shown as cards rather than as a table.
AS_CARDS = frozenset({"batch_totals"})
OTHER_ROWS = 10


def table_text(name: str, words: Words) -> TableText:
    """Title, footnote and column labels of a table in the words of a dataset; a plain title where it is unknown."""
    if name not in _TEXTS:
        return TableText(name.replace("_", " ").capitalize())
    text = _TEXTS[name]

    def spoken(template: str) -> str:
        return template.format(
            entity=words.entity,
            entities=words.entities,
            category=words.category,
            value=words.value_with_unit,
            timed=_TIMED if words.is_timed else "",
        )

    labels = {column: spoken(label) for column, label in (_LABELS | dict(text.labels)).items()}
    return text._replace(title=spoken(text.title), how=spoken(text.how), labels=labels)


_TIMED = (
    " Durations are end minus start, over the rows that have both and do not end before they start (timed); the "
    "deviation is a sample's (n − 1)."
)
_BOUNDS = frozenset(
    ("mean", "std", "minimum", "q1", "median", "q3", "maximum", "iqr", "lower_bound", "upper_bound", "mad")
)
_LABELS = {
    "count": "rows",
    "entities": "{entities}",
    "entity": "{entity}",
    "category": "{category}",
    "total_value": "total {value}",
    "mean_value": "mean {value}",
    "started_at": "started",
    "std": "deviation",
    "std_duration_seconds": "deviation of duration",
    "measure.value": "{value}",
}
_TEXTS = {
    "daily_trend": TableText(
        "Rows by day", "By the day in which a row starts; a mean is over the rows that have the number.", is_folded=True
    ),
    "hourly_trend": TableText(
        "Rows by hour", "By the hour of the day in which a row starts, all days together.", is_folded=True
    ),
    "event_distribution": TableText(
        "Rows by {category}",
        "Share of the rows that have one; the cumulative share runs from the most frequent down.",
    ),
    "event_distribution_test": TableText(
        "Is every {category} as frequent as every other?",
        "Pearson's chi-squared against equal counts. A small p-value says that counts this uneven would be rare if all "
        "were equally frequent; with many rows it nearly always is small.",
        {"missing": "rows without", "expected_count": "expected rows of each"},
        is_facts=True,
    ),
    "session_metrics": TableText(
        "Metrics of each {entity}",
        "Most rows first.{timed}",
        {"sessions": "rows", "timed_sessions": "timed", "categories": "categories"},
    ),
    "outlier_bounds": TableText(
        "What is usual",
        "Exact quartiles, linear between neighbours. The bounds lie 1.5 interquartile ranges beyond first and third "
        "quartile; rows beyond them are outliers.",
        measured=_BOUNDS,
        is_mixed=True,
    ),
    "outliers": TableText(
        "The farthest outliers",
        "The z-score is the distance from the mean in standard deviations. A few far values widen the deviation: "
        "it can be small for a clear outlier.",
        measured=frozenset({"value"}),
        is_mixed=True,
        empty="No row lies beyond the bounds.",
    ),
    "change_points": TableText(
        "When the daily level changed",
        "Pettitt's test on ranks, again on either side of each find, less the steps that are smaller than two robust "
        "deviations of the days around their level. The p-value is the chance of so clear a step if there were none. "
        "Means are by day, from one change to the next.",
        {"measure.count": "rows", "measure.total_value": "total {value}"},
        is_mixed=True,
        empty="No change was found.",
    ),
    "daily_comparison": TableText(
        "Each day beside its week",
        "The mean of seven days ends with the day; a change is against the same weekday a week before.",
        {
            "count_7d_mean": "mean of 7 days",
            "count_week_before": "week before",
            "count_change": "change",
            "value_7d_mean": "{value}, mean of 7 days",
            "value_week_before": "{value}, week before",
            "value_change": "change of {value}",
        },
        is_folded=True,
    ),
    "weekday_hour": TableText("Rows by hour of the week", "Weekday 1 is Monday.", is_folded=True),
    "top_entities": TableText(
        "The first {entities}",
        "By rows, and by the sums that this dataset has; a share is of what all {entities} have together.",
        {"by": "most", "by.sessions": "rows", "by.total_value": "total {value}"},
        measured=frozenset({"amount"}),
        is_mixed=True,
    ),
    "entity_concentration": TableText(
        "What the most active {entities} have",
        "The most active by their rows, the number of {entities} rounded up.",
        {
            "top_share": "most active",
            "sessions": "rows",
            "sessions_share": "of all rows",
            "value_share": "of all {value}",
        },
        is_folded=True,
    ),
    "new_and_returning": TableText(
        "New and returning {entities} by day",
        "New are those whose first row in this batch is on that day.",
        {"new_share": "share of new"},
        is_folded=True,
    ),
    "outliers_by_category": TableText(
        "What is usual within each {category}",
        "As above, among the rows of one {category}: what is far for all may be usual for one.",
        measured=_BOUNDS,
        is_mixed=True,
        is_folded=True,
    ),
    "column_top_values": TableText(
        "The most frequent values", "Of columns that are not personal; a share is of the rows that have a value."
    ),
    "correlations": TableText(
        "Which numbers go together",
        "Pearson's linear correlation, −1 to 1, over the rows that have both. It sees straight lines only.",
        {"column_a": "one", "column_b": "other", "pearson": "correlation"},
    ),
    "column_histogram": TableText(
        "Histograms",
        "Exact counts in bins of a round width; the first holds all below, the last all above.",
        is_folded=True,
    ),
    "column_times": TableText(
        "When",
        "Quantiles of times and dates, exact, linear between neighbours.",
        {"q05": "5 %", "q25": "25 %", "q75": "75 %", "q95": "95 %"},
    ),
    "column_bands": TableText(
        "Bands",
        "Exact counts in bands that are the same in every run; two runs' bands give the stability index of a number.",
        is_folded=True,
    ),
    "column_summary": TableText(
        "Summary of every column",
        "Quantiles are exact, linear between neighbours; lengths are in characters. Extremes of personal columns are "
        "left out.",
        {"q05": "5 %", "q25": "25 %", "q75": "75 %", "q95": "95 %", "std": "deviation", "missing_share": "share"},
        is_mixed=True,
    ),
}
