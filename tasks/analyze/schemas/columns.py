"""Every column of the contract, whatever its role."""

from __future__ import annotations

import polars as pl

from tasks.analyze.schemas.result_table import ResultTable

COLUMN_TABLES = {
    "column_summary": ResultTable(
        "One row a column of the contract.",
        {
            "column": (pl.String, "its name"),
            "type": (pl.String, "its type in the contract"),
            "role": (pl.String, "the roles it plays, parted by blanks"),
            "count": (pl.Int64, "rows that have a value; NaN and infinity are none"),
            "missing": (pl.Int64, "rows that have none"),
            "missing_share": (pl.Float64, "their share of all rows"),
            "distinct": (pl.Int64, "different values, exact"),
            "minimum": (pl.String, "smallest value; texts by their bytes, times in UTC; not of personal columns"),
            "maximum": (pl.String, "largest value"),
            "mean": (pl.Float64, "of numbers; of truth values the share that is true"),
            "std": (pl.Float64, "standard deviation of a sample (ddof 1)"),
            "q05": (pl.Float64, "quantiles are exact, and linear between neighbours"),
            "q25": (pl.Float64, ""),
            "median": (pl.Float64, ""),
            "q75": (pl.Float64, ""),
            "q95": (pl.Float64, ""),
            "min_length": (pl.Int64, "of texts, in characters"),
            "max_length": (pl.Int64, ""),
            "mean_length": (pl.Float64, ""),
        },
    ),
    "column_top_values": ResultTable(
        "The ten most frequent values of each column that is not personal and has at most two million different ones.",
        {
            "column": (pl.String, "its name; datetimes have no row here"),
            "rank": (pl.Int64, "1 is the most frequent; ties go by value"),
            "value": (pl.String, "as text"),
            "count": (pl.Int64, "rows that have it"),
            "share": (pl.Float64, "of the rows that have a value"),
        },
    ),
    "column_histogram": ResultTable(
        "How numbers and times are spread, in bins of a round width; counts are exact.",
        {
            "column": (pl.String, "a number or time of the contract, or `duration_seconds`"),
            "bin": (pl.Int64, "from 1, upwards; an empty bin is there as well"),
            "lower": (pl.String, "where it begins; null of the first: everything below `upper`"),
            "upper": (pl.String, "where it ends, not included; null of the last: everything from `lower`"),
            "count": (pl.Int64, "rows whose value lies in it"),
        },
    ),
    "column_times": ResultTable(
        "Quantiles of the times and dates; exact, and linear between neighbours, down to the microsecond or the day.",
        {
            "column": (pl.String, "a time or date of the contract that has values and is not personal; times in UTC"),
            "q05": (pl.String, "a twentieth of the values is earlier"),
            "q25": (pl.String, ""),
            "median": (pl.String, ""),
            "q75": (pl.String, ""),
            "q95": (pl.String, ""),
        },
    ),
    "column_bands": ResultTable(
        "How numbers are spread over bands that are the same in every run, ten in each power of ten: what drift is "
        "measured on.",
        {
            "column": (pl.String, "a number of the contract, or `duration_seconds`"),
            "lower": (pl.String, "where the band begins; null of numbers below all bands"),
            "upper": (pl.String, "where it ends, not included; null of numbers above all bands"),
            "count": (pl.Int64, "rows whose value lies in it, at least one"),
        },
    ),
    "correlations": ResultTable(
        "How two numbers go together; one row a pair of numeric columns (the first twelve) and of `duration_seconds`.",
        {
            "column_a": (pl.String, "a number of the contract"),
            "column_b": (pl.String, "another, or `duration_seconds`"),
            "rows": (pl.Int64, "rows that have both"),
            "pearson": (pl.Float64, "linear correlation, -1 to 1; null where either is always the same"),
        },
    ),
}
