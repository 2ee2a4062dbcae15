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
}
