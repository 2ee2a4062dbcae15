"""What a dead letter is, as a frame: ingest and validate write it as Parquet, the table is loaded from that."""

from __future__ import annotations

import polars as pl

REASON = pl.Struct(
    {
        "code": pl.String,  # what is wrong, from a short fixed list: too_few_fields, cast_integer, gate_between ...
        "rule_id": pl.String,  # the expectation's id; null before the gate
        "column": pl.String,  # null where no single column is at fault
        "severity": pl.String,  # critical, warning or info
        "status": pl.String,  # failed, or unknown where an earlier failure kept the rule from being checked
        "message": pl.String,  # a sentence for people, without cell values
    }
)

_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String,  # the source's uri
    "file_digest": pl.String,
    "line": pl.Int64,  # first physical line, from 1; in a JSON array or Parquet file the record; 0: a whole file
    "last_line": pl.Int64,
    "byte_offset": pl.Int64,  # of the record in the decompressed file; null where it is not known
    "records": pl.Int64,  # how many records it stands for: 1, or all of a file that is one dead letter
    "raw": pl.Binary,  # the record as it came, verbatim; null for a whole file
    "stage": pl.String,
    "reasons": pl.List(REASON),  # all of them, in the order they were found; never empty
}
LETTER_SCHEMA = pl.Schema(_COLUMNS)

# Columns of Sluice's own in landed and accepted Parquet: where each row came from.
LINE, SPAN = "__line", "__span"
PROVENANCE_SCHEMA = pl.Schema({LINE: pl.Int64, SPAN: pl.UInt32})  # `span` is how many physical lines the record takes
