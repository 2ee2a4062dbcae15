"""The input files: found, fingerprinted, opened, told apart, and read again where raw text is wanted."""

from tasks.sources.addresses import split_member
from tasks.sources.decompression import TOO_LARGE
from tasks.sources.discovery import discover
from tasks.sources.errors import LostSourceError, SourceError
from tasks.sources.fingerprints import fingerprint, hash_ahead
from tasks.sources.formats import FileFormat, file_format
from tasks.sources.line_ends import MIXED, SameLineEnds
from tasks.sources.opening import open_as_path, open_source, packing
from tasks.sources.raw import fetch_raw, fetch_raw_in_turn, rows_as_json
from tasks.sources.raw_lines import RAW_SCHEMA

__all__ = [
    "MIXED",
    "RAW_SCHEMA",
    "TOO_LARGE",
    "FileFormat",
    "LostSourceError",
    "SameLineEnds",
    "SourceError",
    "discover",
    "fetch_raw",
    "fetch_raw_in_turn",
    "file_format",
    "fingerprint",
    "hash_ahead",
    "open_as_path",
    "open_source",
    "packing",
    "rows_as_json",
    "split_member",
]
