"""Sources behind http:// and s3://, from real servers on this machine."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import polars as pl
import pytest

from expectations.errors import UsageError
from tasks.artifacts import ArtifactStore
from tasks.sources import SourceError, discover, fetch_raw, fingerprint, open_as_path, open_source
from tests.unit.sources.servers import Files, file_server

TEXT = b"".join(b"%d,text\n" % n for n in range(30_000))


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.csv", TEXT)
        archive.writestr("two.csv", b"a\n1\n")
    return packed.getvalue()


@pytest.fixture
def files() -> Files:
    """What the servers have."""
    return {
        "bucket/in/a.csv": TEXT,
        "bucket/in/b.csv.gz": gzip.compress(TEXT),
        "bucket/in/deep/c.csv": b"a\n1\n",
        "bucket/in/.hidden/d.csv": b"a\n1\n",
        "bucket/in/note.md": b"#",
        "bucket/many.zip": _zip(),
    }


@pytest.fixture(params=["http", "s3"])
def root(request: pytest.FixtureRequest, files: Files, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address below which the files are."""
    with file_server(files) as address:
        if request.param == "http":
            yield f"{address}/bucket"
            return
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        yield "s3://bucket"
        fsspec.get_filesystem_class("s3").clear_instance_cache()


def _read(uri: str) -> list[bytes]:
    contents = []
    for source in fingerprint(uri):
        with open_source(source) as stream:
            contents.append(stream.read())
    return contents


@pytest.mark.parametrize("name", ["in/a.csv", "in/b.csv.gz"])
def test_a_remote_file_is_read_like_a_local_one(root: str, name: str) -> None:
    uri = f"{root}/{name}"
    assert discover([uri], []) == [uri]
    assert _read(uri) == [TEXT]


def test_members_of_a_remote_zip(root: str) -> None:
    assert _read(f"{root}/many.zip") == [TEXT, b"a\n1\n"]


def test_a_remote_file_as_a_path(root: str) -> None:
    (source,) = fingerprint(f"{root}/in/b.csv.gz")
    with open_as_path(source) as path:
        assert path.read_bytes() == TEXT


def test_lines_of_a_remote_file(root: str) -> None:
    (source,) = fingerprint(f"{root}/in/b.csv.gz")
    wanted = pl.DataFrame({"line": [29_999], "span": [1]})
    assert fetch_raw(source, wanted, "csv", None, "\n")["raw"].to_list() == [b"29998,text"]


def test_a_remote_file_that_changed(root: str, files: Files) -> None:
    (source,) = fingerprint(f"{root}/in/a.csv")
    files["bucket/in/a.csv"] = TEXT.replace(b"7", b"8")
    with pytest.raises(SourceError) as caught, open_source(source) as stream:
        stream.read()
    assert caught.value.code == "changed_while_read"


def test_a_remote_file_that_does_not_exist(root: str) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        discover([f"{root}/nowhere.csv"], [])
    (gone,) = fingerprint(f"{root}/nowhere.csv")
    with pytest.raises(SourceError) as caught:
        open_source(gone)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("root", ["s3"], indirect=True)
def test_a_folder_and_a_glob_in_a_bucket(root: str) -> None:
    found = ["s3://bucket/in/a.csv", "s3://bucket/in/b.csv.gz", "s3://bucket/in/deep/c.csv"]
    assert discover(["s3://bucket/in/"], ["*.csv"]) == found
    assert discover(["s3://bucket/in/*.csv", "s3://bucket/in/a.csv"], []) == found[:1]


def test_a_server_that_is_down_may_come_back() -> None:
    with file_server({}) as address:
        pass
    for ask in (fingerprint, lambda uri: discover([uri], [])):
        with pytest.raises(OSError, match="cannot be fetched"):
            ask(f"{address}/a.csv")


@pytest.mark.parametrize("name", ["in/a.csv", "in/b.csv.gz", "many.zip"])
def test_a_remote_file_is_fetched_once_if_there_is_a_store(root: str, name: str, files: Files, tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    sources = fingerprint(f"{root}/{name}", store=store)
    assert [(one.uri, one.digest) for one in sources] == [
        (one.uri, one.digest) for one in fingerprint(f"{root}/{name}")
    ]
    files.clear()
    with open_source(sources[0]) as stream:
        assert stream.read() == TEXT
    with open_as_path(sources[0]) as path:
        assert path.read_bytes() == TEXT
    for copy in tmp_path.rglob("*.source"):
        copy.unlink()
    with pytest.raises(SourceError):
        open_source(sources[0])
