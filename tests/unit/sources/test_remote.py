"""Sources behind http:// and s3://, from real servers on this machine."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import fsspec
import polars as pl
import pytest

from expectations.errors import UsageError
from tasks.artifacts import ArtifactStore
from tasks.sources import SourceError, discover, fetch_raw, fingerprint, open_as_path, open_source, split_member
from tests.unit.sources.servers import Files, file_server, moto_server

TEXT = b"".join(b"%d,text\n" % n for n in range(30_000))


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.csv", TEXT)
        archive.writestr("two.csv", b"a\n1\n")
    return packed.getvalue()


class Remote(NamedTuple):
    """Files on a server."""

    root: str  # the address below which they are
    files: Files  # may be changed


def _files() -> Files:
    return {
        "bucket/in/a.csv": TEXT,
        "bucket/in/b.csv.gz": gzip.compress(TEXT),
        "bucket/in/deep/c.csv": b"a\n1\n",
        "bucket/in/.hidden/d.csv": b"a\n1\n",
        "bucket/in/note.md": b"#",
        "bucket/many.zip": _zip(),
    }


@pytest.fixture(params=["http", "s3", "moto"])
def remote(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """Files on a server of the kind."""
    files = _files()
    if request.param == "moto":
        pytest.importorskip("moto", reason="moto is not installed (requirements-dev.txt)")
        with moto_server(files) as (address, files), s3_at(address, monkeypatch):
            yield Remote("s3://bucket", files)
        return
    with file_server(files) as address, s3_at(address, monkeypatch):
        yield Remote(f"{address}/bucket" if request.param == "http" else "s3://bucket", files)


@contextmanager
def s3_at(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let `s3://` mean a server."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    yield
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def _read(uri: str) -> list[bytes]:
    contents = []
    for source in fingerprint(uri):
        with open_source(source) as stream:
            contents.append(stream.read())
    return contents


@pytest.mark.parametrize("name", ["in/a.csv", "in/b.csv.gz"])
def test_a_remote_file_is_read_like_a_local_one(remote: Remote, name: str) -> None:
    uri = f"{remote.root}/{name}"
    assert discover([uri], []) == [uri]
    assert _read(uri) == [TEXT]


def test_members_of_a_remote_zip(remote: Remote) -> None:
    assert _read(f"{remote.root}/many.zip") == [TEXT, b"a\n1\n"]


def test_a_remote_file_as_a_path(remote: Remote) -> None:
    (source,) = fingerprint(f"{remote.root}/in/b.csv.gz")
    with open_as_path(source) as path:
        assert path.read_bytes() == TEXT


def test_lines_of_a_remote_file(remote: Remote) -> None:
    (source,) = fingerprint(f"{remote.root}/in/b.csv.gz")
    wanted = pl.DataFrame({"line": [29_999], "span": [1]})
    assert fetch_raw(source, wanted, "csv", None, "\n")["raw"].to_list() == [b"29998,text"]


def test_a_remote_file_that_changed(remote: Remote) -> None:
    (source,) = fingerprint(f"{remote.root}/in/a.csv")
    remote.files["bucket/in/a.csv"] = TEXT.replace(b"7", b"8")
    with pytest.raises(SourceError) as caught, open_source(source) as stream:
        stream.read()
    assert caught.value.code == "changed_while_read"


def test_a_remote_file_that_does_not_exist(remote: Remote) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        discover([f"{remote.root}/nowhere.csv"], [])
    (gone,) = fingerprint(f"{remote.root}/nowhere.csv")
    with pytest.raises(SourceError) as caught:
        open_source(gone)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("remote", ["s3", "moto"], indirect=True)
def test_a_folder_and_a_glob_in_a_bucket(remote: Remote) -> None:
    remote.files["bucket/in/deep/"] = b""  # as consoles make a folder
    found = ["s3://bucket/in/a.csv", "s3://bucket/in/b.csv.gz", "s3://bucket/in/deep/c.csv"]
    assert discover(["s3://bucket/in/"], ["*.csv"]) == found
    assert discover(["s3://bucket/in"], []) == [*found, "s3://bucket/in/note.md"]
    assert discover(["s3://bucket/in/*.csv", "s3://bucket/in/a.csv"], []) == found[:1]
    remote.files["bucket/in/z.csv"] = b"a\n1\n"  # comes while the process lives
    assert discover(["s3://bucket/in/*.csv"], []) == [found[0], "s3://bucket/in/z.csv"]


@pytest.mark.parametrize("remote", ["s3"], indirect=True)
@pytest.mark.parametrize("asked", ["s3://bucket/in/a.csv", "s3://bucket/in/", "s3://bucket/in/*.csv"])
def test_a_bucket_that_may_not_be_read(remote: Remote, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "wrong")
    with pytest.raises(UsageError, match="may not be read"):
        discover([asked], [])
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(UsageError, match="Unable to locate credentials"):
        discover([asked], [])
    assert split_member(f"{asked}!a.csv") == (f"{asked}!a.csv", None)


def test_an_address_that_nothing_here_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smbprotocol", None)
    with pytest.raises(UsageError, match=r"a package for smb:// is not installed: .*smbprotocol"):
        discover(["smb://server/share/a.csv"], [])
    with pytest.raises(UsageError, match="no way to read gopher://"):
        discover(["gopher://bucket/a.csv"], [])


def test_a_server_that_is_down_may_come_back() -> None:
    with file_server({}) as address:
        pass
    for ask in (fingerprint, lambda uri: discover([uri], [])):
        with pytest.raises(OSError, match="cannot be fetched"):
            ask(f"{address}/a.csv")


@pytest.mark.parametrize("name", ["in/a.csv", "in/b.csv.gz", "many.zip"])
def test_a_remote_file_is_fetched_once_if_there_is_a_store(remote: Remote, name: str, tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    sources = fingerprint(f"{remote.root}/{name}", store=store)
    assert [(one.uri, one.digest) for one in sources] == [
        (one.uri, one.digest) for one in fingerprint(f"{remote.root}/{name}")
    ]
    remote.files.clear()
    with open_source(sources[0]) as stream:
        assert stream.read() == TEXT
    with open_as_path(sources[0]) as path:
        assert path.read_bytes() == TEXT
    for copy in tmp_path.rglob("*.source"):
        copy.unlink()
    with pytest.raises(SourceError):
        open_source(sources[0])
