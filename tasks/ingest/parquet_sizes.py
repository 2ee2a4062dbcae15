"""How much a Parquet file becomes in memory: a page of some bytes may hold a cell of megabytes, or a million rows.

Repeated values are stored once (in a dictionary, with how often they come), so neither the size of the file nor that of
its pages says what its rows take.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BATCH_ROWS = 64 << 10
_BATCH_BYTES = 256 << 20  # of a batch at the very most, as far as that can be told
_LIST_ROWS = 64  # in a batch where there are many lists: any of them may be as long as all others together
_WIDTH_BYTES = {"INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 8, "BYTE_ARRAY": 4, "BOOLEAN": 0}


def least_bytes(metadata: pq.FileMetaData) -> int:
    """What a file's values take at least, by their number; no page is read for it."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return sum(_chunk_bytes(group.column(place)) for group in groups for place in range(group.num_columns))


def _chunk_bytes(chunk: Any) -> int:
    return int(chunk.num_values) * _WIDTH_BYTES.get(chunk.physical_type, 1)


def batch_rows(path: Path, file: pq.ParquetFile) -> int:
    """How many rows at a time stay within bounds, even if each had the longest cells of the file's dictionaries.

    How long lists are is not known before they are read. Where a group holds more of them than a batch may, only few
    rows are read at a time.

    Args:
        path: of the file.
        file: opened.
    """
    texts = _dictionary_columns(file)
    with pq.ParquetFile(path, pre_buffer=False, read_dictionary=texts) as again:
        groups = range(again.metadata.num_row_groups)
        longest = max((_longest_row(again, group, texts) for group in groups), default=0)
    lists = max((_list_bytes(file, group) for group in groups), default=0)
    most = BATCH_ROWS if lists < _BATCH_BYTES else _LIST_ROWS
    return max(1, min(most, _BATCH_BYTES // max(longest, 1)))


def _list_bytes(file: pq.ParquetFile, group: int) -> int:
    """How many bytes of lists a group has at least."""
    described = file.metadata.row_group(group)
    places = [place for place in range(described.num_columns) if file.schema.column(place).max_repetition_level]
    chunks = [described.column(place) for place in places]
    return sum(max(_chunk_bytes(chunk), int(chunk.total_uncompressed_size)) for chunk in chunks)


def _dictionary_columns(file: pq.ParquetFile) -> list[str]:
    """Columns of text or bytes that may be stored as dictionaries, lists and structures of them left aside."""
    kinds = ((field.name, field.type) for field in file.schema_arrow)
    return [name for name, kind in kinds if _is_text(kind)]


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary))


def _longest_row(file: pq.ParquetFile, group: int, texts: list[str]) -> int:
    """How long a row of a group would be, if it had the longest cell of each column's dictionary."""
    described = file.metadata.row_group(group)
    chunks = [described.column(place) for place in range(described.num_columns)]
    stored = [chunk.path_in_schema for chunk in chunks if chunk.has_dictionary_page]
    names = [name for name in texts if name in stored]
    first: Any = next(file.iter_batches(1, row_groups=[group], columns=names), None) if names else None
    return 0 if first is None else sum(_longest(column) for column in first.columns)


def _longest(cells: pa.Array) -> int:
    values = cells.dictionary if isinstance(cells, pa.DictionaryArray) else cells
    return int(pc.max(pc.binary_length(values)).as_py() or 0)
