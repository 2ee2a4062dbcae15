"""Sources in every packing, whole and damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.models import SourceRef, UnpackLimits
from tasks.sources import SourceError, fingerprint, open_as_path, open_source
from tasks.sources.decompression import zstd

TEXT = b"".join(b"%d,name %d\n" % (n, n * n) for n in range(20_000))


def _zstd(text: bytes) -> bytes:
    return zstd.compress(text, options={zstd.CompressionParameter.checksum_flag: 1})


LIMITS = UnpackLimits()
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": _zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
packed = pytest.mark.parametrize("packer", [name for name in PACKERS if name != "plain"])


def _source(path: Path, limits: UnpackLimits = LIMITS) -> SourceRef:
    (source,) = fingerprint(str(path), limits=limits)
    return source


def _read(source: SourceRef) -> bytes:
    with open_source(source) as stream:
        return stream.read()


def _fault(path: Path, limits: UnpackLimits = LIMITS) -> str:
    with pytest.raises(SourceError) as caught:
        _read(_source(path, limits))
    return caught.value.code


@pytest.mark.parametrize("packer", PACKERS)
def test_any_packing_is_taken_off_whatever_the_name_says(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(PACKERS[packer](TEXT))
    assert _read(_source(path)) == TEXT


@pytest.mark.parametrize("packer", PACKERS)
def test_an_empty_file_is_an_empty_stream(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.gz"
    path.write_bytes(PACKERS[packer](b""))
    assert _read(_source(path)) == b""


@packed
def test_packed_files_one_after_another_are_one_stream(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "two"
    path.write_bytes(PACKERS[packer](TEXT) + PACKERS[packer](b"more\n"))
    assert _read(_source(path)) == TEXT + b"more\n"


def test_gzip_may_be_padded_with_zeros(tmp_path: Path) -> None:
    path = tmp_path / "padded.gz"
    path.write_bytes(gzip.compress(TEXT) + bytes(1000))
    assert _read(_source(path)) == TEXT


@packed
def test_a_cut_file_says_so(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    whole = PACKERS[packer](TEXT)
    for size in (len(whole) - 1, len(whole) // 2):
        path.write_bytes(whole[:size])
        assert _fault(path) == "truncated_archive"


@packed
def test_a_flipped_byte_is_never_read_as_data(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    damaged = bytearray(PACKERS[packer](TEXT))
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    assert _fault(path) in ("bad_checksum", "damaged_archive", "truncated_archive")


def test_a_wrong_gzip_checksum_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    damaged = bytearray(gzip.compress(TEXT))
    damaged[-8] ^= 1
    path.write_bytes(damaged)
    assert _fault(path) == "bad_checksum"


def test_something_behind_the_packed_data_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TEXT) + b"and more")
    assert _fault(path) == "damaged_archive"


@packed
def test_a_bomb_is_stopped(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(PACKERS[packer](bytes(4 << 20)))
    assert _fault(path, UnpackLimits(max_ratio=100, always_megabytes=1)) == "too_large"
    assert len(_read(_source(path, UnpackLimits(max_ratio=10_000_000)))) == 4 << 20


def test_a_bomb_in_a_zip_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.csv", bytes(4 << 20))
    assert _fault(path, UnpackLimits(max_ratio=100, always_megabytes=1)) == "too_large"


def test_bombs_within_bombs_are_stopped(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    packed_text = b"x"
    for _ in range(5):
        packed_text = gzip.compress(packed_text)
    path.write_bytes(packed_text)
    assert _fault(path) == "too_large"


def test_each_member_of_a_zip_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/two.csv.gz", gzip.compress(TEXT))
        archive.writestr("one.csv", TEXT)
        archive.writestr("__MACOSX/._one.csv", b"no data")
        archive.writestr(".hidden", b"no data")
    sources = fingerprint(str(path))
    assert [source.uri for source in sources] == [f"{path}!b/two.csv.gz", f"{path}!one.csv"]
    assert [_read(source) for source in sources] == [TEXT, TEXT]


def test_a_member_keeps_its_digest_when_others_come(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", TEXT)
    before = _source(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("another.csv", b"a\n1\n")
    assert before in fingerprint(str(path))


def test_a_damaged_zip_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", TEXT)
    damaged = bytearray(path.read_bytes())
    damaged[1000] ^= 1
    path.write_bytes(damaged)
    assert _fault(path) == "bad_checksum"


def test_a_cut_zip_is_one_source_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", TEXT)
    path.write_bytes(path.read_bytes()[:-100])
    assert _fault(path) == "damaged_archive"


def test_what_is_not_a_data_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
    assert _fault(path) == "unsupported_format"
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("empty")
    assert _fault(path) == "empty_archive"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT))
    assert _fault(path) == "unsupported_format"


@pytest.mark.parametrize("head", ["<?xml version='1.0'?>", "\ufeff\n<!DOCTYPE html>", " <TABLE border=1>", "<html>"])
def test_a_web_page_that_is_called_a_table_is_refused(head: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_text(f"{head}\n<tr><td>1</td></tr>\n", encoding="utf-8")
    assert _fault(path) == "unsupported_format"


def test_a_folder_a_pipe_and_a_forbidden_file_cannot_be_read(tmp_path: Path) -> None:
    assert _fault(tmp_path) == "unreadable"
    os.mkfifo(tmp_path / "pipe")
    assert _fault(tmp_path / "pipe") == "unreadable"
    forbidden = tmp_path / "forbidden"
    forbidden.write_bytes(TEXT)
    forbidden.chmod(0)
    if os.geteuid() != 0:
        assert _fault(forbidden) == "unreadable"


def test_an_exclamation_mark_may_be_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "wow!.csv"
    path.write_bytes(TEXT)
    assert _read(_source(path)) == TEXT


@pytest.mark.parametrize("packer", PACKERS)
def test_a_file_that_changed_since_its_fingerprint(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PACKERS[packer](TEXT))
    source = _source(path)
    path.write_bytes(PACKERS[packer](TEXT.replace(b"7", b"8")))
    with pytest.raises(SourceError) as caught:
        _read(source)
    assert caught.value.code == "changed_while_read"
    path.unlink()
    with pytest.raises(SourceError) as caught:
        _read(source)
    assert caught.value.code == "unreadable"


def test_a_touched_file_is_still_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    source = _source(path)
    os.utime(path, (1, 1))
    assert _read(source) == TEXT


@pytest.mark.parametrize("packer", PACKERS)
def test_a_file_written_to_while_it_is_read(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PACKERS[packer](TEXT))
    with open_source(_source(path)) as stream:
        stream.read(10)
        with path.open("ab") as more:
            more.write(b"more\n")
        with pytest.raises(SourceError) as caught:
            stream.read()
    assert caught.value.code == "changed_while_read"


def test_a_path_is_the_file_itself_or_an_unpacked_copy(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(TEXT)
    zipped.write_bytes(gzip.compress(TEXT))
    with open_as_path(_source(plain)) as path:
        assert path == plain
    with open_as_path(_source(zipped)) as path:
        assert path.read_bytes() == TEXT
    assert not path.exists()
