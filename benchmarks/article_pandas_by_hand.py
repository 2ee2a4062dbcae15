"""The article's work in pandas 3 with Arrow and numpy by hand, for the least that was found.

Arrow reads the file, and makes times and categories of texts at once; groups are the codes of categories, so that
nothing is hashed twice; who was there is a table of truth values; what numbers are like is worked out from how often
each value occurs; days and hours are added up from single hours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from benchmarks.article_tables import COLUMNS, FENCE, LISTED, MAD_AT_ONE, MEASURES, SHARES, TIME_FORMAT

Frame = pd.DataFrame
Numbers = Any  # numpy.ndarray


def tables(path: Path) -> dict[str, Frame]:
    """Make the seven tables."""
    events = _events(path)
    metrics = _session_metrics(events)
    names = metrics["entity"]
    counted = {name: _Counted(events[column]) for name, column in MEASURES.items()}
    daily, hourly = _trends(events)
    return {
        "session_metrics": metrics,
        "event_distribution": _event_distribution(events),
        "outlier_bounds": pd.DataFrame([{"measure": name, **one.bounds()} for name, one in counted.items()]),
        "outliers": pd.concat([_outliers(events, name, one.bounds(), names) for name, one in counted.items()]),
        "daily_trend": daily,
        "hourly_trend": hourly,
        "column_summary": _column_summary(events, counted["value"]),
    }


def _events(path: Path) -> Frame:
    text = pa.dictionary(pa.int32(), pa.string())
    options = csv.ConvertOptions(column_types={"event_type": text, "metadata": text}, strings_can_be_null=True)
    read = csv.read_csv(path, csv.ReadOptions(block_size=1 << 24), convert_options=options)
    events: Frame = read.to_pandas(split_blocks=True, self_destruct=True)
    for name in ("session_start", "session_end"):
        if not pd.api.types.is_datetime64_any_dtype(events[name]):
            events[name] = pd.to_datetime(events[name], format=TIME_FORMAT, errors="coerce")
    for name, of in {"user_id": events["user_id"], "hour": events["session_start"].dt.floor("h")}.items():
        events[name] = pd.Categorical.from_codes(*pd.factorize(of))
    lasted = (events["session_end"] - events["session_start"]).to_numpy() / np.timedelta64(1, "s")
    events["duration"] = np.where(lasted >= 0, lasted, np.nan)
    return events


def _session_metrics(events: Frame) -> Frame:
    """One row a user; the index is the user's code."""
    users = events.groupby("user_id", sort=False, observed=False)
    duration, value, start = users["duration"], users["value"], users["session_start"]
    found = pd.DataFrame(
        {
            "sessions": users.size(),
            "timed_sessions": duration.count(),
            "total_duration_seconds": duration.sum(),
            "min_duration_seconds": duration.min(),
            "max_duration_seconds": duration.max(),
            "std_duration_seconds": duration.std(),
            "total_value": value.sum(),
            "first_seen": start.min(),
            "last_seen": start.max(),
        }
    )
    found["mean_duration_seconds"] = found["total_duration_seconds"] / found["timed_sessions"]
    found["mean_value"] = found["total_value"] / value.count()
    found["categories"] = _seen(events["user_id"].cat.codes, len(found), events["event_type"])
    order = np.lexsort((events["user_id"].cat.categories, -found["sessions"]))
    found = found.reset_index(drop=True).iloc[order]
    found.insert(0, "entity", [f"user_id {place}" for place in range(1, len(found) + 1)])
    return found


def _seen(codes: Numbers, size: int, other: pd.Series[Any]) -> Numbers:
    """With how many categories of a column each of `size` codes occurs."""
    seen = np.zeros((size + 1, len(other.cat.categories) + 1), dtype=bool)  # the last are what is missing, code -1
    seen[codes, other.cat.codes] = True
    return seen[:-1, :-1].sum(axis=1)


def _event_distribution(events: Frame) -> Frame:
    types = events.groupby("event_type", observed=True)
    found = pd.DataFrame(
        {
            "count": types.size(),
            "mean_duration_seconds": types["duration"].mean(),
            "total_value": types["value"].sum(),
            "mean_value": types["value"].mean(),
        }
    ).reset_index(names="category")
    found["category"] = found["category"].astype(str)
    found = found.sort_values(["count", "category"], ascending=[False, True], ignore_index=True)
    found.insert(2, "share", found["count"] / found["count"].sum())
    found.insert(3, "cumulative_share", found["count"].cumsum() / found["count"].sum())
    return found


class _Counted:
    """How often each value occurs, in the order of the values."""

    def __init__(self, numbers: pd.Series[Any]) -> None:
        counts = numbers.value_counts(sort=False).sort_index()
        self.values, self.counts = counts.index.to_numpy(), counts.to_numpy()
        self.total = int(self.counts.sum())
        self.mean = float(self.values @ self.counts / self.total)
        self.std = float(np.sqrt((self.values - self.mean) ** 2 @ self.counts / (self.total - 1)))

    def quantiles(self, shares: Numbers) -> Numbers:
        """Exact, and linear between neighbours."""
        return _quantiles(self.values, self.counts, shares)

    def bounds(self) -> dict[str, float]:
        """The row of `outlier_bounds`."""
        q1, median, q3 = self.quantiles([0.25, 0.5, 0.75])
        low, high = q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)
        below, above = self.counts[self.values < low].sum(), self.counts[self.values > high].sum()
        far = np.abs(self.values - median)
        order = np.argsort(far)
        (mad,) = _quantiles(far[order], self.counts[order], [0.5])
        return {
            "count": self.total,
            "mean": self.mean,
            "std": self.std,
            "minimum": self.values[0],
            "q1": q1,
            "median": median,
            "q3": q3,
            "maximum": self.values[-1],
            "iqr": q3 - q1,
            "lower_bound": low,
            "upper_bound": high,
            "below": below,
            "above": above,
            "share": (below + above) / self.total,
            "mad": mad,
        }


def _quantiles(values: Numbers, counts: Numbers, shares: Numbers) -> Numbers:
    upto = counts.cumsum()
    places = np.asarray(shares) * (upto[-1] - 1)
    low, high = (values[np.searchsorted(upto, near(places), side="right")] for near in (np.floor, np.ceil))
    return low + (high - low) * (places - np.floor(places))


def _outliers(events: Frame, name: str, usual: dict[str, float], names: pd.Series[Any]) -> Frame:
    measure = events[MEASURES[name]]
    beyond = measure[(measure < usual["lower_bound"]) | (measure > usual["upper_bound"])]
    far = (beyond - usual["mean"]).abs().nlargest(LISTED, keep="all")
    rows = events.loc[far.index].assign(far=far, x=measure, user=events["user_id"].cat.codes)
    rows["user_id"], rows["event_type"] = rows["user_id"].astype("Int64"), rows["event_type"].astype(str)
    rows = rows.sort_values(
        ["far", "x", "session_start", "user_id", "event_type"], ascending=[False, True, True, True, True]
    )[:LISTED]
    return pd.DataFrame(
        {
            "measure": name,
            "rank": range(1, len(rows) + 1),
            "value": rows["x"],
            "side": np.where(rows["x"] < usual["median"], "below", "above"),
            "z_score": (rows["x"] - usual["mean"]) / usual["std"],
            "robust_z_score": MAD_AT_ONE * (rows["x"] - usual["median"]) / (usual["mad"] or np.nan),
            "entity": names.reindex(rows["user"]).to_numpy(),
            "started_at": rows["session_start"],
            "category": rows["event_type"],
        }
    )


def _trends(events: Frame) -> tuple[Frame, Frame]:
    """By day, and by hour of the day: each from single hours."""
    hours = events.groupby("hour", sort=False, observed=False)
    single = pd.DataFrame(
        {
            "count": hours.size(),
            "total_value": hours["value"].sum(),
            "values": hours["value"].count(),
            "seconds": hours["duration"].sum(),
            "durations": hours["duration"].count(),
        }
    )
    moments = pd.DatetimeIndex(events["hour"].cat.categories)
    codes = events["hour"].cat.codes.to_numpy()
    days = _trend(single, "day", moments.normalize(), codes, events["user_id"])
    day_hours = _trend(single, "hour", moments.hour, codes, events["user_id"])
    all_hours = day_hours.set_index("hour").reindex(range(24)).rename_axis("hour")
    zeros = dict.fromkeys(("count", "entities", "total_value"), 0)
    return days, all_hours.fillna(zeros).astype({"count": "int64", "entities": "int64"}).reset_index()


def _trend(single: Frame, name: str, of: pd.Index[Any], hours: Numbers, users: pd.Series[Any]) -> Frame:
    codes, keys = pd.factorize(of, sort=True)
    sums = single.groupby(codes).sum()
    return pd.DataFrame(
        {
            name: keys,
            "count": sums["count"],
            "entities": _seen(np.append(codes, -1)[hours], len(keys), users),
            "total_value": sums["total_value"],
            "mean_value": sums["total_value"] / sums["values"],
            "mean_duration_seconds": sums["seconds"] / sums["durations"],
        }
    )


def _column_summary(events: Frame, value: _Counted) -> Frame:
    facts: dict[str, dict[str, Any]] = {
        "user_id": {"distinct": len(events["user_id"].cat.categories)},
        "session_start": _of_times(events["session_start"]),
        "session_end": _of_times(events["session_end"]),
        "event_type": _of_texts(events["event_type"]),
        "value": {
            "distinct": len(value.values),
            "minimum": f"{value.values[0]:.2f}",
            "maximum": f"{value.values[-1]:.2f}",
            "mean": value.mean,
            "std": value.std,
            **dict(zip(SHARES, value.quantiles(list(SHARES.values())), strict=True)),
        },
        "metadata": _of_texts(events["metadata"]),
    }
    counts = {name: int(events[name].count()) for name in COLUMNS}
    return pd.DataFrame(
        {
            "column": name,
            "type": type_,
            "role": role or None,
            "count": counts[name],
            "missing": len(events) - counts[name],
            "missing_share": 1 - counts[name] / len(events),
            **facts[name],
        }
        for name, (type_, role) in COLUMNS.items()
    )


def _of_times(times: pd.Series[Any]) -> dict[str, Any]:
    numbers = np.sort(times.dropna().to_numpy().view("int64"))
    return {
        "distinct": int((numbers[1:] != numbers[:-1]).sum()) + 1,
        "minimum": times.min().strftime(TIME_FORMAT),
        "maximum": times.max().strftime(TIME_FORMAT),
    }


def _of_texts(texts: pd.Series[Any]) -> dict[str, Any]:
    counts = texts.value_counts(sort=False)
    values = counts.index.astype(str)
    lengths = values.str.len().to_numpy()
    return {
        "distinct": len(values),
        "minimum": values.min(),
        "maximum": values.max(),
        "min_length": lengths.min(),
        "max_length": lengths.max(),
        "mean_length": lengths @ counts.to_numpy() / counts.sum(),
    }
