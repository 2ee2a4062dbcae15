"""How one file's text columns become the contract's: worked out once, used on every block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from expectations.contract import ColumnType, Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.cast_column import is_doubtful, values_of
from tasks.ingest.csv_shape import Shape
from tasks.landed import landed_schema, polars_type

DOUBT, LAST_IS_NULL = "__doubt", "__last_is_null"


@dataclass(frozen=True)
class Plan:
    """A file's shape, and which of the contract's columns each of its columns is."""

    shape: Shape
    columns: tuple[str | None, ...]  # by the file's order; None: not read
    contract: Contract
    stand_ins: tuple[tuple[bytes, bytes], ...] = ()  # of the dialect's signs, `csv_signs.Signs`
    watched: tuple[str, ...] = ()  # columns beyond the contract's: a row with a value there is in doubt
    is_all_doubtful: bool = False
    header_cell: tuple[str, str] | None = None  # a column and its name in the file: all that tells it come again

    def typed(self, *, has_quotes: bool) -> list[pl.Expr]:
        """The contract's columns cast, whether a row is in doubt, and whether its last cell is null.

        Args:
            has_quotes: whether a cell may be there and be empty, `""`; without quotes an empty cell is always null.
        """
        return self._typed_quoted if has_quotes else self._typed_plain

    def without_missing(self, read: pl.DataFrame) -> pl.DataFrame:
        """What `typed` gave, with null for the texts that the contract reads as missing.

        Most columns have none: to look first, at the short texts, is much cheaper than to compare every row.
        """
        missing = list(self.contract.null_values)
        longest = max((len(text.encode()) for text in missing), default=0)
        schema = read.schema  # made anew each time it is asked for
        texts = [read.get_column(name) for name in self._there if schema[name] == pl.String]
        short = [text.filter(text.str.len_bytes() <= longest) for text in texts]
        found = [some.name for some in short if any((some == text).any() for text in missing)]
        return read.with_columns(pl.when(~pl.col(name).is_in(missing)).then(name).alias(name) for name in found)

    def texts(self, records: pl.DataFrame) -> pl.DataFrame:
        """Records with the contract's columns and those watched as text, `__line` and `__span`."""
        return records.select_seq(*(self._text(name).alias(name) for name in self.text_columns), LINE, SPAN)

    @property
    def text_columns(self) -> list[str]:
        """What `texts` gives."""
        return [*self.contract.columns, *self.watched]

    # Frames and expressions are made once a file: to make them for each block costs as much as some thousand rows.

    @cached_property
    def no_rows(self) -> pl.DataFrame:
        """Not one landed row."""
        return pl.DataFrame(schema=landed_schema(self.contract))

    @cached_property
    def no_texts(self) -> pl.DataFrame:
        """Nothing of what `texts` gives."""
        return pl.DataFrame(schema={**dict.fromkeys(self.text_columns, pl.String), LINE: pl.Int64, SPAN: pl.UInt32})

    @cached_property
    def _typed_plain(self) -> list[pl.Expr]:
        return self._typed(may_be_empty=False)

    @cached_property
    def _typed_quoted(self) -> list[pl.Expr]:
        return self._typed(may_be_empty="" in self.contract.null_values)

    def _typed(self, *, may_be_empty: bool) -> list[pl.Expr]:
        doubt = pl.any_horizontal(self._doubts(may_be_empty=may_be_empty)).alias(DOUBT)
        last_is_null = pl.col(self.shape.columns[-1]).is_null().alias(LAST_IS_NULL)
        return [*self._values(), doubt, last_is_null]

    @property
    def _there(self) -> list[str]:
        """The contract's columns that the file has."""
        return [name for name in self.contract.columns if name in self._places]

    @cached_property
    def _places(self) -> dict[str | None, int]:
        return {name: place for place, name in reversed(list(enumerate(self.columns)))}

    def _text(self, name: str) -> pl.Expr:
        if name not in self._places:
            return pl.lit(None, pl.String)
        text = pl.col(str(self._places[name]))
        for byte, sign in self.stand_ins:
            text = text.str.replace_all(byte.decode(), sign.decode(), literal=True) if sign else _unpadded(text)
        return text if "" in self.contract.null_values else text.fill_null("")

    def _values(self) -> Iterator[pl.Expr]:
        for name, column in self.contract.columns.items():
            is_there = name in self._places
            values = values_of(self._text(name), column) if is_there else pl.lit(None, polars_type(column))
            yield values.alias(name)

    def _doubts(self, *, may_be_empty: bool) -> Iterator[pl.Expr]:
        yield pl.lit(self.is_all_doubtful)
        yield from (self._text(name).fill_null("") != "" for name in self.watched)
        if self.header_cell is not None:
            yield self._text(self.header_cell[0]).eq_missing(self.header_cell[1])
        for name in self._there:
            text, column = self._text(name), self.contract.columns[name]
            if column.type is ColumnType.STRING:
                continue  # `without_missing` settles these
            doubt = is_doubtful(text, column, self.contract.null_values)
            yield doubt & (text != "") if may_be_empty else doubt


def _unpadded(text: pl.Expr) -> pl.Expr:
    """A cell that is lined up by the blanks around it."""
    bare = text.str.strip_chars(" ")
    return pl.when(bare != "").then(bare)
