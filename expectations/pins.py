"""Pins: how the files of a source are written, said in the contract instead of being found out."""

from __future__ import annotations

import codecs
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_NAMED = {r"\t": "\t", "tab": "\t", "space": " ", "none": "", r"\n": "\n", r"\r\n": "\r\n", r"\r": "\r"}
_LINE_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r", "MIXED": "mixed"}
_PACKED = (".gz", ".zst", ".bz2", ".xz")


def sign_of(text: str) -> str:
    """A sign as people write it: `tab`, `space` and `none` (an empty text) by name, all else as it is.

    Raises:
        ValueError: it holds a line end or a NUL, which no sign can.
    """
    sign = _NAMED.get(text, text)
    if any(letter in sign for letter in "\n\r\0"):
        raise ValueError("must not hold a line end or a NUL")
    return sign


def delimiter_of(text: str) -> str:
    """A delimiter, of one character or more.

    Raises:
        ValueError: it is empty.
    """
    sign = sign_of(text)
    if not sign:
        raise ValueError("must not be empty; a file of one column needs none")
    return sign


def mark_of(text: str) -> str:
    """A quote or an escape: one character, or `none`.

    Raises:
        ValueError: it is longer.
    """
    sign = sign_of(text)
    if len(sign) > 1:
        raise ValueError(f"must be one character or `none`, not {len(sign)} characters")
    return sign


def line_end_of_name(text: str) -> str:
    """A line end: LF, CRLF, CR, or `mixed` where each of them ends a line.

    Raises:
        ValueError: it is none of these.
    """
    sign = _LINE_ENDS.get(text.upper(), _NAMED.get(text, text))
    if sign not in _LINE_ENDS.values():
        raise ValueError("must be LF, CRLF, CR or mixed")
    return sign


def encoding_of(name: str) -> str:
    """The name of a text encoding that Python knows, as it was given.

    Raises:
        ValueError: there is none of this name.
    """
    try:
        "a".encode(codecs.lookup(name).name)
    except (LookupError, UnicodeError, TypeError, ValueError):
        raise ValueError(f"there is no text encoding {name!r}; for example utf-8, cp1252, utf-16, shift_jis") from None
    return name


_Delimiter = Annotated[str, AfterValidator(delimiter_of)]
_Mark = Annotated[str, AfterValidator(mark_of)]


class Pins(BaseModel):
    """How some files are written. What is left out is found out; an empty quote or escape means that there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: str = Field("*", min_length=1, description="glob on the file's name, in upper or lower case")
    encoding: Annotated[str, AfterValidator(encoding_of)] | None = None
    delimiter: _Delimiter | None = None
    quote: _Mark | None = None
    escape: _Mark | None = None
    line_end: Annotated[str, AfterValidator(line_end_of_name)] | None = None
    header_rows: Annotated[int, Field(ge=0, le=20)] | None = None
    skip_rows: Annotated[int, Field(ge=0, le=10_000)] | None = None

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.delimiter is not None and self.delimiter in (self.quote, self.escape):
            raise ValueError("the delimiter is the quote or the escape as well; a sign can be one of them only")
        if self.files == "*" and not self.given:
            raise ValueError("nothing is pinned; name an encoding, a delimiter, ...")
        return self

    @property
    def given(self) -> dict[str, str | int]:
        """What is pinned, by its key."""
        return self.model_dump(exclude={"files"}, exclude_none=True)

    def fits(self, uri: str) -> bool:
        """Whether a source's name, or that of the archive it is a member of, is one of these files.

        How a file is packed does not change what it is: `*.csv` fits `a.csv.gz` as well.
        """
        path = uri.partition("?")[0].lower()
        names = {PurePosixPath(part).name for part in (path, path.rpartition("!")[2], path.partition("!")[0])}
        names |= {PurePosixPath(name).stem for name in names if PurePosixPath(name).suffix in _PACKED}
        return any(fnmatchcase(name, self.files.lower()) for name in names)
