"""Built-in repairs of whole lines: of text that does not come apart into the right fields."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from expectations.contract import ColumnType, Contract
from expectations.errors import UsageError
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repair_settings import Settings, allow, column_of
from tasks.dead_letters.torn_text import is_record, joined, only_reading

TextRepair = Callable[[str, RecordForm, Contract], str | None]


def join_fields(contract: Contract, settings: Settings) -> TextRepair:
    """Put a column that holds delimiters nobody quoted together again."""
    allow(settings, "column")
    name, _ = column_of(contract, settings)

    def apply(text: str, form: RecordForm, _: Contract) -> str | None:
        return _joined(text, form, name, form.dialect.delimiter if form.dialect else "")

    return apply


def join_torn_text(_: Contract, settings: Settings) -> TextRepair:
    """Put text together again wherever it was torn, in lines that can be read in one way only."""
    allow(settings)

    def apply(text: str, form: RecordForm, contract: Contract) -> str | None:
        fields = form.fields(text) if form.is_delimited and form.dialect else []
        if form.dialect is None or len(fields) <= len(form.columns):
            return None
        widths = only_reading(fields, form, contract)
        return None if widths is None else form.line(joined(fields, widths, form.dialect.delimiter))

    return apply


def join_decimal_comma(contract: Contract, settings: Settings) -> TextRepair:
    """Put a number together again whose decimal comma was taken for a delimiter."""
    allow(settings, "column")
    name, _ = column_of(contract, settings, "column", ColumnType.DECIMAL, ColumnType.FLOAT)

    def apply(text: str, form: RecordForm, _: Contract) -> str | None:
        is_comma = form.dialect is not None and form.dialect.delimiter == ","
        return _joined(text, form, name, ".") if is_comma else None

    return apply


def _joined(text: str, form: RecordForm, column: str, by: str) -> str | None:
    if not form.is_delimited or column not in form.columns:
        return None
    fields = form.fields(text)
    surplus = len(fields) - len(form.columns)
    at = form.columns.index(column)
    if surplus < 1:
        return None
    return form.line([*fields[:at], by.join(fields[at : at + surplus + 1]), *fields[at + surplus + 1 :]])


def drop_extra_fields(_: Contract, settings: Settings) -> TextRepair:
    """Leave out the fields behind the last column."""
    allow(settings)

    def apply(text: str, form: RecordForm, _: Contract) -> str | None:
        fields = form.fields(text) if form.is_delimited else []
        return form.line(fields[: len(form.columns)]) if len(fields) > len(form.columns) else None

    return apply


def drop_nul(_: Contract, settings: Settings) -> TextRepair:
    """Leave out NUL bytes."""
    allow(settings)
    return lambda text, _form, _contract: text.replace("\0", "") if "\0" in text else None


def decode_as(_: Contract, settings: Settings) -> TextRepair:
    """Read the record's bytes in another encoding than the file's."""
    allow(settings, "encoding")
    encoding = _encoding(settings.get("encoding", "cp1252"))

    def apply(text: str, form: RecordForm, _: Contract) -> str | None:
        try:
            return form.encode(text).decode(encoding)
        except UnicodeDecodeError:
            return None

    return apply


def fix_mojibake(_: Contract, settings: Settings) -> TextRepair:
    """Undo UTF-8 that was read as another encoding and written as UTF-8 again."""
    allow(settings, "encoding")
    encoding = _encoding(settings.get("encoding", "cp1252"))

    def apply(text: str, form: RecordForm, _: Contract) -> str | None:
        record = form.record(text)
        if record is None:
            return unscrambled(text, encoding)
        mended = {name: (cell and unscrambled(cell, encoding)) or cell for name, cell in record.items()}
        return form.text(mended, text) if mended != record else None

    return apply


def unscrambled(text: str, encoding: str = "cp1252") -> str | None:
    """The text as it was before its UTF-8 was read in `encoding`; None where that is not what happened."""
    try:
        clean = b"".join(_byte(letter, encoding) for letter in text).decode("utf-8")
    except UnicodeError:
        return None
    return clean if clean != text else None


def _byte(letter: str, encoding: str) -> bytes:
    # Five bytes have no letter in cp1252; decoders let them through as control characters.
    return bytes([ord(letter)]) if "\x80" <= letter <= "\x9f" else letter.encode(encoding)


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UsageError(f"there is no encoding {name!r}") from None


def drop_open_quote(_: Contract, settings: Settings) -> TextRepair:
    """Leave out a quote that opens a field and is never closed."""
    allow(settings)
    return lambda text, form, contract: _without_quotes(text, form, contract, _without_open)


def drop_text_after_quote(_: Contract, settings: Settings) -> TextRepair:
    """Leave out what stands between a closing quote and the next delimiter."""
    allow(settings)
    return lambda text, form, contract: _without_quotes(text, form, contract, _without_tail)


def double_inner_quotes(_: Contract, settings: Settings) -> TextRepair:
    """Take quotes inside a quoted field as part of its text."""
    allow(settings)
    return lambda text, form, contract: _without_quotes(text, form, contract, _with_inner)


def _without_quotes(
    text: str, form: RecordForm, contract: Contract, mend: Callable[[str, str], str | None]
) -> str | None:
    """The line with its fields split at every delimiter and mended one by one; None where that is no whole record.

    Neighbours are joined again where a quoted field held delimiters of its own.
    """
    dialect = form.dialect
    if not form.is_delimited or dialect is None or dialect.quote is None:
        return None
    mended = [mend(field, dialect.quote) for field in _pieces(text, dialect.delimiter, dialect.quote)]
    fields = [field for field in mended if field is not None]
    return form.line(fields) if len(fields) == len(mended) and is_record(fields, form, contract) else None


def _pieces(text: str, delimiter: str, quote: str) -> list[str]:
    """The text between delimiters, as written; a field that is properly quoted stays whole."""
    pieces: list[str] = []
    at = 0
    while True:
        end = _end_of_quoted(text, at, delimiter, quote)
        end = text.find(delimiter, at) if end is None else end
        if end < 0 or end >= len(text):
            return [*pieces, text[at:]]
        pieces.append(text[at:end])
        at = end + len(delimiter)


def _end_of_quoted(text: str, at: int, delimiter: str, quote: str) -> int | None:
    """Where the properly quoted field that begins at `at` ends; None where there is none."""
    if not text.startswith(quote, at):
        return None
    place = at + 1
    while (place := text.find(quote, place)) >= 0:
        after = place + 1
        if text.startswith(quote, after):
            place = after + 1
        elif after == len(text) or text.startswith(delimiter, after):
            return after
        else:
            return None
    return None


def _is_quoted(piece: str, quote: str) -> bool:
    inner = piece[1:-1]
    return len(piece) > 1 and piece[0] == piece[-1] == quote and quote not in inner.replace(quote * 2, "")


def _plain(piece: str, quote: str) -> str | None:
    """A field that needs no mending, as its text; None where it does."""
    if _is_quoted(piece, quote):
        return piece[1:-1].replace(quote * 2, quote)
    return None if piece.startswith(quote) else piece


def _without_open(piece: str, quote: str) -> str | None:
    if piece.startswith(quote) and not _is_quoted(piece, quote) and piece.count(quote) % 2:
        return piece[1:]
    return _plain(piece, quote)


def _without_tail(piece: str, quote: str) -> str | None:
    if piece.startswith(quote) and not _is_quoted(piece, quote) and piece.count(quote) == 2:
        return piece[1 : piece.rindex(quote)]
    return _plain(piece, quote)


def _with_inner(piece: str, quote: str) -> str | None:
    if len(piece) > 1 and piece[0] == piece[-1] == quote and not _is_quoted(piece, quote):
        return piece[1:-1]
    return _plain(piece, quote)


BUILT_IN: dict[str, Callable[[Contract, Settings], TextRepair]] = {
    repair.__name__: repair
    for repair in (
        join_fields,
        join_torn_text,
        join_decimal_comma,
        drop_extra_fields,
        drop_nul,
        decode_as,
        fix_mojibake,
        drop_open_quote,
        drop_text_after_quote,
        double_inner_quotes,
    )
}
