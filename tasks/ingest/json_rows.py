"""JSON objects as columns of text: each value as it is written, so that no number loses a digit.

A decoder is made for the keys that were seen so far; an object with another key makes it fail, and be made anew. So the
keys of the whole file are known at its end, and objects that are all alike cost nothing extra.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.json_even import Flags, even_lines
from tasks.ingest.json_values import NOTHING, absent_lines, columns_of, is_utf8, lines_of
from tasks.models import Finding

MAX_KEYS = 500
_MAX_CHECKED = 10_000
_NO_FIELD = re.compile(r'[\\"\x00-\x1f]')
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

Object = Any  # a struct that is made for the keys of a file, or a dict
_ONE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MANY = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_GETTERS = [attrgetter(f"f{place}") for place in range(MAX_KEYS)]


class JsonRows:
    """The objects of one file, gathered block by block.

    Attributes:
        keys: all that were seen, in the order they came.
        has_more_keys: whether there are more than `MAX_KEYS`; those are not read.
        double_keys: how many objects were found to have a key twice; its last value counts.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.has_more_keys = False
        self.double_keys = 0
        self._left_to_check = _MAX_CHECKED
        self._texts: list[list[bytes]] = []  # for each key its values, a line each
        self._height = 0
        self._parts: list[pl.DataFrame] = []  # what was gathered before, as columns named by the places of their keys
        self._colons = self._keys = 0  # seen in what was gathered
        self._fields_of: dict[type, int] = {}
        self._struct: msgspec.json.Decoder[Any]
        self._structs: msgspec.json.Decoder[Any]
        self._make_decoders()

    def lines(self, data: bytes) -> list[Object] | None:
        """The objects in some lines; None if anything is wrong with one of them."""
        return self._all(data, lambda: self._struct.decode_lines(data), lambda: _ONE.decode_lines(data))

    def array(self, data: bytes) -> list[Object] | None:
        """The objects in text such as `{...}, {...}`; None if that is not what it is."""
        text = b"[%b]" % data
        return self._all(data, lambda: self._structs.decode(text), lambda: _MANY.decode(text))

    def one(self, text: bytes) -> Object | str:
        """One object; or what is wrong: `bad_json`, `not_an_object`, `nul_byte` or `invalid_encoding`."""
        try:
            if text.isascii():
                return self._struct.decode(text)
        except _FAULTS:
            pass
        found = self._all(text, lambda: [self._struct.decode(text)], lambda: [_ONE.decode(text)])
        return found[0] if found else why_no_object(text)

    def add(self, objects: list[Object], text: bytes) -> None:
        """Gather objects.

        Args:
            objects: decoded by this.
            text: where they stand, with nothing but blanks and commas between them.
        """
        for kind, run in groupby(objects, type):
            same = list(run)
            if kind is dict:
                self._know(same)
            fields = self._fields_of.get(kind, MAX_KEYS)
            for place, (key, texts) in enumerate(zip(self.keys, self._texts, strict=True)):
                if place >= fields:  # an object from before the key was seen does not have it
                    texts.append(absent_lines(len(same)))
                elif kind is dict:
                    texts.append(lines_of(one.get(key, NOTHING) for one in same))
                else:
                    texts.append(lines_of(map(_GETTERS[place], same)))
            self._height += len(same)
        self._colons += _count_colons(text)

    def add_even(self, data: bytes, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]) -> Flags | None:
        """Gather at once the objects in those lines that are written alike.

        Args:
            data: what the lines stand in, one after the other.
            starts: where each begins.
            stops: where each ends, without its line end.

        Returns:
            Which lines they are; None if too few are.
        """
        found = even_lines(data, starts, stops)
        if found is None or len({*self.keys, *found.columns.columns}) > MAX_KEYS:
            return None
        columns = found.columns
        if not {*columns.columns} <= {*self.keys}:
            self._learn([dict.fromkeys(columns.columns)])
        self._set_down()
        place_of = {key: str(place) for place, key in enumerate(self.keys)}
        columns.columns = [place_of[key] for key in columns.columns]
        self._parts.append(columns)
        return found.are_even

    def _set_down(self) -> None:
        """Make columns of the objects gathered."""
        if self._height:
            columns, absent = columns_of([b"".join(values) for values in self._texts], self._height)
            self._keys += self._height * len(self.keys) - absent
            self._parts.append(columns)
        self._texts = [[] for _ in self.keys]
        self._height = 0

    def take(self, lines: npt.ArrayLike, texts: Callable[[], Iterable[bytes]]) -> pl.DataFrame:
        """What was gathered since the last time: a column a key, all String, then `__line` and `__span`.

        Args:
            lines: where each object is.
            texts: gives the text of each object, for a closer look at those that may have a key twice.
        """
        self._set_down()
        parts, self._parts = self._parts, []
        if self._colons != self._keys:
            self._count_double_keys(texts())
        self._colons = self._keys = 0
        none = pl.DataFrame(schema=dict.fromkeys(map(str, range(len(self.keys))), pl.String))
        frame = pl.concat([none, *parts], how="diagonal")
        frame.columns = self.keys
        numbers = np.asarray(lines, np.int64)
        spans = np.ones(len(numbers), np.uint32)
        columns = {key: frame[key] for key in frame.columns}
        return pl.DataFrame({**columns, LINE: numbers, SPAN: spans})

    def findings(self) -> list[Finding]:
        """What is worth saying of the objects once all are read."""
        found = []
        if self.double_keys:
            message = "objects with a key twice; the last of its values was taken"
            found.append(Finding(code="double_keys", message=message, count=self.double_keys))
        if self.has_more_keys:
            message = f"the objects have more than {MAX_KEYS} different keys; those that came later were not read"
            found.append(Finding(code="too_many_keys", message=message))
        return found

    def _all(
        self, data: bytes, decode: Callable[[], list[Object]], decode_any: Callable[[], list[dict[str, Any]]]
    ) -> list[Object] | None:
        if not is_utf8(data):
            return None
        try:
            return decode()
        except msgspec.ValidationError:
            pass  # a key that was not seen before, or no object
        except _FAULTS:
            return None
        try:
            self._learn(decode_any())
            return decode()
        except _FAULTS:
            return None

    def _learn(self, objects: Iterable[dict[str, Any]]) -> None:
        self._know(objects)
        self._make_decoders()

    def _know(self, objects: Iterable[dict[str, Any]]) -> None:
        """Add the keys of some objects to those known."""
        known = dict.fromkeys(self.keys)
        for one in objects:
            known.update(dict.fromkeys(one))
        self.has_more_keys = self.has_more_keys or len(known) > MAX_KEYS
        self.keys = list(known)[:MAX_KEYS]
        self._texts += [[absent_lines(self._height)] for _ in range(len(self.keys) - len(self._texts))]

    def _make_decoders(self) -> None:
        """Decoders for the keys known; into dicts, which is slower, for keys that no struct can have."""
        if self.has_more_keys or any(_NO_FIELD.search(key) for key in self.keys):
            self._struct, self._structs = _ONE, _MANY
            return
        names = {f"f{place}": key for place, key in enumerate(self.keys)}
        fields = [(name, msgspec.Raw, NOTHING) for name in names]
        kind = msgspec.defstruct("Object", fields, rename=names, forbid_unknown_fields=True, gc=False)
        self._fields_of[kind] = len(names)
        self._struct = msgspec.json.Decoder(kind)
        self._structs = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]  # made at run time

    def _count_double_keys(self, texts: Iterable[bytes]) -> None:
        for text in texts:
            if self._left_to_check == 0:
                return
            self._left_to_check -= 1
            pairs = json.loads(text, object_pairs_hook=list)
            self.double_keys += len({key for key, _ in pairs}) < len(pairs)


def why_no_object(text: bytes) -> str:
    """What is wrong with text that is no object."""
    if not is_utf8(text):
        return "invalid_encoding"
    if b"\0" in text:
        return "nul_byte"
    try:
        _VALUE.decode(text)
    except _FAULTS:
        return "bad_json"
    return "bad_json" if text.lstrip().startswith(b"{") else "not_an_object"


def _count_colons(text: bytes) -> int:
    """How many quotes are followed by a colon: as many as there are keys, and more where objects are nested."""
    if len(text) < 4096:
        return text.count(b'":')
    letters = np.frombuffer(text, np.uint8)
    return int(np.count_nonzero((letters[1:] == ord(":")) & (letters[:-1] == ord('"'))))
