"""The article's work in pandas 3, written well: Arrow's reader, categories, and the method pandas has for each figure.

No lambdas, no loops over rows. What can be had for less by leaving pandas for Arrow and numpy is in
benchmarks/article_pandas_by_hand.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.article_tables import COLUMNS, FENCE, LISTED, MAD_AT_ONE, MEASURES, SHARES, TIME_FORMAT

Frame = pd.DataFrame


def tables(path: Path) -> dict[str, Frame]:
    """Make the seven tables."""
    events = _events(path)
    metrics = _session_metrics(events)
    bounds = {name: _bounds(events[column]) for name, column in MEASURES.items()}
    return {
        "session_metrics": metrics.reset_index(drop=True),
        "event_distribution": _event_distribution(events),
        "outlier_bounds": pd.DataFrame([{"measure": name, **one} for name, one in bounds.items()]),
        "outliers": pd.concat([_outliers(events, name, one, metrics["entity"]) for name, one in bounds.items()]),
        "daily_trend": _trend(events, events["session_start"].dt.floor("D").rename("day")).reset_index(),
        "hourly_trend": _hourly(events),
        "column_summary": pd.DataFrame([_summary(events[name], *COLUMNS[name]) for name in COLUMNS]),
    }


def _events(path: Path) -> Frame:
    events = pd.read_csv(path, engine="pyarrow")
    for name in ("session_start", "session_end"):
        if not pd.api.types.is_datetime64_any_dtype(events[name]):
            events[name] = pd.to_datetime(events[name], format=TIME_FORMAT, errors="coerce")
    for name in ("event_type", "metadata"):
        events[name] = events[name].astype("category")
    lasted = (events["session_end"] - events["session_start"]).dt.total_seconds()
    events["duration"] = lasted.where(lasted >= 0)
    return events


def _session_metrics(events: Frame) -> Frame:
    """One row a user, by user."""
    found = events.groupby("user_id", sort=False).agg(
        sessions=("event_type", "size"),
        timed_sessions=("duration", "count"),
        total_duration_seconds=("duration", "sum"),
        mean_duration_seconds=("duration", "mean"),
        min_duration_seconds=("duration", "min"),
        max_duration_seconds=("duration", "max"),
        std_duration_seconds=("duration", "std"),
        total_value=("value", "sum"),
        mean_value=("value", "mean"),
        first_seen=("session_start", "min"),
        last_seen=("session_start", "max"),
        categories=("event_type", "nunique"),
    )
    found = found.sort_index().sort_values("sessions", ascending=False, kind="stable")
    found.insert(0, "entity", [f"user_id {place}" for place in range(1, len(found) + 1)])
    return found


_SUMS = {
    "total_value": ("value", "sum"),
    "mean_value": ("value", "mean"),
    "mean_duration_seconds": ("duration", "mean"),
}


def _event_distribution(events: Frame) -> Frame:
    types = events.groupby("event_type", observed=True)
    found = types.agg(count=("event_type", "size"), **_SUMS).reset_index(names="category")
    found["category"] = found["category"].astype(str)
    found = found.sort_values(["count", "category"], ascending=[False, True], ignore_index=True)
    total = found["count"].sum()
    return found.assign(share=found["count"] / total, cumulative_share=found["count"].cumsum() / total)


def _bounds(measure: pd.Series[Any]) -> dict[str, float]:
    """The row of `outlier_bounds`."""
    q1, median, q3 = measure.quantile([0.25, 0.5, 0.75])
    low, high = q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)
    count, below, above = measure.count(), (measure < low).sum(), (measure > high).sum()
    return {
        "count": count,
        "mean": measure.mean(),
        "std": measure.std(),
        "minimum": measure.min(),
        "q1": q1,
        "median": median,
        "q3": q3,
        "maximum": measure.max(),
        "iqr": q3 - q1,
        "lower_bound": low,
        "upper_bound": high,
        "below": below,
        "above": above,
        "share": (below + above) / count,
        "mad": (measure - median).abs().median(),
    }


def _outliers(events: Frame, name: str, usual: dict[str, float], names: pd.Series[Any]) -> Frame:
    measure = events[MEASURES[name]]
    beyond = events[(measure < usual["lower_bound"]) | (measure > usual["upper_bound"])]
    beyond = beyond.assign(x=measure, far=(measure - usual["mean"]).abs())
    rows = beyond.nlargest(LISTED, "far", keep="all").astype({"event_type": str})
    ties = ["far", "x", "session_start", "user_id", "event_type"]
    rows = rows.sort_values(ties, ascending=[False, True, True, True, True])[:LISTED]
    return pd.DataFrame(
        {
            "measure": name,
            "rank": range(1, len(rows) + 1),
            "value": rows["x"],
            "side": (rows["x"] < usual["median"]).map({True: "below", False: "above"}),
            "z_score": (rows["x"] - usual["mean"]) / usual["std"],
            "robust_z_score": MAD_AT_ONE * (rows["x"] - usual["median"]) / (usual["mad"] or float("nan")),
            "entity": rows["user_id"].map(names),
            "started_at": rows["session_start"],
            "category": rows["event_type"],
        }
    )


def _trend(events: Frame, key: pd.Series[Any]) -> Frame:
    return events.groupby(key).agg(count=("event_type", "size"), entities=("user_id", "nunique"), **_SUMS)


def _hourly(events: Frame) -> Frame:
    found = _trend(events, events["session_start"].dt.hour.rename("hour")).reindex(pd.RangeIndex(24, name="hour"))
    zeros = dict.fromkeys(("count", "entities", "total_value"), 0)
    return found.fillna(zeros).astype({"count": "int64", "entities": "int64"}).reset_index()


def _summary(column: pd.Series[Any], type_: str, role: str) -> dict[str, Any]:
    count = column.count()
    counts = {
        "column": column.name,
        "type": type_,
        "role": role or None,
        "count": count,
        "missing": len(column) - count,
        "missing_share": 1 - count / len(column),
    }
    if role == "entity":
        return counts | {"distinct": column.nunique()}
    return counts | (_of_texts(column) if type_ == "string" else _of_numbers(column))


def _of_numbers(column: pd.Series[Any]) -> dict[str, Any]:
    facts = {"distinct": column.nunique()}
    if pd.api.types.is_datetime64_any_dtype(column):
        ends = {"minimum": column.min().strftime(TIME_FORMAT), "maximum": column.max().strftime(TIME_FORMAT)}
        return facts | ends
    quantiles = dict(zip(SHARES, column.quantile(list(SHARES.values())), strict=True))
    ends = {"minimum": f"{column.min():.2f}", "maximum": f"{column.max():.2f}"}
    return facts | ends | {"mean": column.mean(), "std": column.std()} | quantiles


def _of_texts(column: pd.Series[Any]) -> dict[str, Any]:
    values, lengths = column.cat.categories, column.map(len, na_action="ignore").astype("float64")
    return {
        "distinct": len(values),
        "minimum": values.min(),
        "maximum": values.max(),
        "min_length": lengths.min(),
        "max_length": lengths.max(),
        "mean_length": lengths.mean(),
    }
