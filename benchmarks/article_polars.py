"""The article's work in Polars, written well: one scan into memory, in the streaming engine, then a plan a table.

What numbers and texts are like is worked out from how often each value occurs; days and hours are added up from single
hours. Casts are those of Polars: what does not parse is missing.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.article_tables import COLUMNS, FENCE, LISTED, MAD_AT_ONE, MEASURES, SHARES, TIME_FORMAT

_DURATION, _VALUE, _START = pl.col("duration"), pl.col("value"), pl.col("session_start")
_TIMES = ("session_start", "session_end")
_USER, _TYPE, _N = pl.col("user_id"), pl.col("event_type"), pl.col("n")


def tables(path: Path) -> dict[str, pl.DataFrame]:
    """Make the seven tables."""
    events = _scan(path).collect(engine="streaming").lazy()
    found = _found(events)
    counted = {name: found[column].drop_nulls().sort(column) for name, column in MEASURES.items()}
    bounds = {name: _bounds(counts) for name, counts in counted.items()}
    users = found["users"]
    return {
        "session_metrics": users.drop("user_id", "hours"),
        "event_distribution": _event_distribution(found["types"]),
        "outlier_bounds": pl.concat(bounds[name].select(pl.lit(name).alias("measure"), pl.all()) for name in MEASURES),
        "outliers": pl.concat(_outliers(events, name, bounds[name], users) for name in MEASURES),
        "daily_trend": _trend(found["hours"], _START.dt.date().alias("day")).join(found["days"], on="day").sort("day"),
        "hourly_trend": _hourly(found["hours"], users),
        "column_summary": _column_summary(found, counted["value"]),
    }


def _scan(path: Path) -> pl.LazyFrame:
    lasted = pl.col("session_end") - _START
    return (
        pl.scan_csv(path, infer_schema=False)
        .with_columns(
            _USER.cast(pl.Int64, strict=False),
            pl.col(_TIMES).str.to_datetime(TIME_FORMAT, strict=False, cache=False),
            _VALUE.cast(pl.Float64, strict=False),
            pl.col("event_type", "metadata").cast(pl.Categorical),
        )
        .with_columns(pl.when(lasted >= pl.duration()).then(lasted.dt.total_microseconds() / 1e6).alias("duration"))
    )


def _sums() -> list[pl.Expr]:
    return [
        _VALUE.sum().alias("total_value"),
        _VALUE.mean().alias("mean_value"),
        _DURATION.mean().alias("mean_duration_seconds"),
    ]


def _users(events: pl.LazyFrame) -> pl.LazyFrame:
    """One row a user, the hours at which it was there as bits."""
    found = (
        events.filter(_USER.is_not_null())
        .group_by("user_id")
        .agg(
            pl.len().alias("sessions"),
            _DURATION.count().alias("timed_sessions"),
            _DURATION.sum().alias("total_duration_seconds"),
            _DURATION.min().alias("min_duration_seconds"),
            _DURATION.max().alias("max_duration_seconds"),
            _DURATION.std().alias("std_duration_seconds"),
            _START.min().alias("first_seen"),
            _START.max().alias("last_seen"),
            _TYPE.drop_nulls().n_unique().alias("categories"),
            pl.lit(2).pow(_START.dt.hour()).cast(pl.Int32).bitwise_or().alias("hours"),
            *_sums(),
        )
    )
    ordered = found.sort("sessions", "user_id", descending=[True, False])
    return ordered.with_columns(pl.format("user_id {}", pl.int_range(1, pl.len() + 1)).alias("entity"))


def _counts(events: pl.LazyFrame, column: str) -> pl.LazyFrame:
    return events.group_by(column).agg(pl.len().cast(pl.Int64).alias("n"))


def _hours(events: pl.LazyFrame) -> pl.LazyFrame:
    return (
        events.filter(_START.is_not_null())
        .group_by(_START.dt.truncate("1h"))
        .agg(
            pl.len().alias("count"),
            _VALUE.sum().alias("total_value"),
            _VALUE.count().alias("values"),
            _DURATION.sum().alias("seconds"),
            _DURATION.count().alias("durations"),
        )
    )


def _ends(events: pl.LazyFrame) -> pl.LazyFrame:
    return events.select(
        pl.len().alias("rows"),
        pl.col(*COLUMNS).count(),
        pl.col(_TIMES).min().dt.to_string(TIME_FORMAT).name.prefix("min "),
        pl.col(_TIMES).max().dt.to_string(TIME_FORMAT).name.prefix("max "),
    )


def _found(events: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """What the tables are made from, a plan each; counting what is different is cheaper in memory."""
    plans = {
        "users": _users(events),
        "types": events.group_by("event_type").agg(pl.len().cast(pl.Int64).alias("n"), *_sums()),
        "hours": _hours(events),
        "ends": _ends(events),
        **{column: _counts(events, column) for column in ("metadata", *MEASURES.values())},
    }
    days = events.group_by(_START.dt.date().alias("day")).agg(_USER.drop_nulls().n_unique().alias("entities"))
    return {
        **dict(zip(plans, pl.collect_all(plans.values(), engine="streaming"), strict=True)),
        "days": days.collect(),
        "times": events.select(pl.col(_TIMES).drop_nulls().n_unique()).collect(),
    }


def _event_distribution(types: pl.DataFrame) -> pl.DataFrame:
    named = types.drop_nulls("event_type").with_columns(_TYPE.cast(pl.String))
    ordered = named.sort("n", "event_type", descending=[True, False])
    return ordered.select(
        _TYPE.alias("category"),
        _N.alias("count"),
        (_N / _N.sum()).alias("share"),
        (_N.cum_sum() / _N.sum()).alias("cumulative_share"),
        "mean_duration_seconds",
        "total_value",
        "mean_value",
    )


def _moments(counts: pl.DataFrame) -> list[pl.Expr]:
    x, total = pl.col(counts.columns[0]), _N.sum()
    mean = (x * _N).sum() / total
    return [mean.alias("mean"), (((x - mean) ** 2 * _N).sum() / (total - 1)).sqrt().alias("std")]


def _quantiles(counts: pl.DataFrame, shares: dict[str, float]) -> list[pl.Expr]:
    """Exact, and linear between neighbours."""
    x, upto = pl.col(counts.columns[0]), _N.cum_sum()
    places = {name: (_N.sum().cast(pl.Int64) - 1) * share for name, share in shares.items()}
    ends = {
        name: [
            x.gather(upto.search_sorted(near.cast(pl.UInt32), side="right")).first()
            for near in (place.floor(), place.ceil())
        ]
        for name, place in places.items()
    }
    return [
        (low + (high - low) * (places[name] - places[name].floor())).alias(name) for name, (low, high) in ends.items()
    ]


def _bounds(counts: pl.DataFrame) -> pl.DataFrame:
    """The row of `outlier_bounds`."""
    x = pl.col(counts.columns[0])
    quartiles = counts.select(
        _N.sum().alias("count").cast(pl.Int64),
        *_moments(counts),
        x.min().alias("minimum"),
        *_quantiles(counts, {"q1": 0.25, "median": 0.5, "q3": 0.75}),
        x.max().alias("maximum"),
    ).with_columns((pl.col("q3") - pl.col("q1")).alias("iqr"))
    usual = quartiles.with_columns(
        (pl.col("q1") - FENCE * pl.col("iqr")).alias("lower_bound"),
        (pl.col("q3") + FENCE * pl.col("iqr")).alias("upper_bound"),
    )
    row = usual.row(0, named=True)
    beyond = counts.select(
        _N.filter(x < row["lower_bound"]).sum().alias("below").cast(pl.Int64),
        _N.filter(x > row["upper_bound"]).sum().alias("above").cast(pl.Int64),
    )
    far = counts.select((x - row["median"]).abs(), "n").sort(counts.columns[0])
    return usual.hstack(beyond).with_columns(
        ((pl.col("below") + pl.col("above")) / pl.col("count")).alias("share"),
        far.select(*_quantiles(far, {"mad": 0.5})).to_series(),
    )


def _outliers(events: pl.LazyFrame, name: str, bounds: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    usual, x = bounds.row(0, named=True), pl.col(MEASURES[name])
    beyond = events.select("user_id", _START, _TYPE, x).filter((x < usual["lower_bound"]) | (x > usual["upper_bound"]))
    farthest = beyond.with_columns((x - usual["mean"]).abs().alias("far")).top_k(
        LISTED, by=["far", x, _START, _USER, _TYPE], reverse=[False, True, True, True, True]
    )
    ordered = farthest.sort("far", x, _START, _USER, _TYPE, descending=[True, False, False, False, False])
    named = ordered.join(users.lazy().select("user_id", "entity"), on="user_id", how="left", maintain_order="left")
    return named.select(
        pl.lit(name).alias("measure"),
        pl.int_range(1, pl.len() + 1).alias("rank"),
        x.cast(pl.Float64).alias("value"),
        pl.when(x < usual["median"]).then(pl.lit("below")).otherwise(pl.lit("above")).alias("side"),
        ((x - usual["mean"]) / usual["std"]).alias("z_score"),
        (MAD_AT_ONE * (x - usual["median"]) / (usual["mad"] or None)).alias("robust_z_score"),
        "entity",
        _START.alias("started_at"),
        _TYPE.cast(pl.String).alias("category"),
    ).collect(engine="streaming")


def _trend(hours: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """All but the entities, from single hours."""
    sums = hours.group_by(key).agg(pl.col("count", "total_value", "values", "seconds", "durations").sum())
    return sums.select(
        key.meta.output_name(),
        "count",
        "total_value",
        (pl.col("total_value") / pl.col("values")).alias("mean_value"),
        (pl.col("seconds") / pl.col("durations")).alias("mean_duration_seconds"),
    )


def _hourly(hours: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    there = [(pl.col("hours") & (1 << hour) != 0).sum().alias(str(hour)) for hour in range(24)]
    entities = pl.Series("entities", users.select(there).row(0))
    every = pl.DataFrame([pl.int_range(24, dtype=pl.Int8, eager=True).alias("hour"), entities])
    found = every.join(_trend(hours, _START.dt.hour().alias("hour")), on="hour", how="left", maintain_order="left")
    return found.with_columns(pl.col("count", "total_value").fill_null(0))


def _column_summary(found: dict[str, pl.DataFrame], values: pl.DataFrame) -> pl.DataFrame:
    ends = found["ends"].row(0, named=True)
    facts = {
        "user_id": pl.DataFrame({"distinct": found["users"].height}),
        **{
            name: pl.DataFrame(
                {
                    "distinct": found["times"][name],
                    "minimum": [ends[f"min {name}"]],
                    "maximum": [ends[f"max {name}"]],
                }
            )
            for name in _TIMES
        },
        "event_type": _of_texts(found["types"]),
        "value": values.select(
            pl.len().alias("distinct"),
            pl.format("{}", _VALUE.min().cast(pl.Decimal(18, 2))).alias("minimum"),
            pl.format("{}", _VALUE.max().cast(pl.Decimal(18, 2))).alias("maximum"),
            *_moments(values),
            *_quantiles(values, SHARES),
        ),
        "metadata": _of_texts(found["metadata"]),
    }
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "column": name,
                    "type": type_,
                    "role": role or None,
                    "count": ends[name],
                    "missing": ends["rows"] - ends[name],
                    "missing_share": 1 - ends[name] / ends["rows"],
                },
            ).hstack(facts[name])
            for name, (type_, role) in COLUMNS.items()
        ],
        how="diagonal_relaxed",
    )


def _of_texts(counts: pl.DataFrame) -> pl.DataFrame:
    name = counts.columns[0]
    known, text = counts.drop_nulls(name).with_columns(pl.col(name).cast(pl.String)), pl.col(name)
    length = text.str.len_chars()
    return known.select(
        pl.len().alias("distinct"),
        text.min().alias("minimum"),
        text.max().alias("maximum"),
        length.min().alias("min_length"),
        length.max().alias("max_length"),
        ((length * _N).sum() / _N.sum()).alias("mean_length"),
    )
