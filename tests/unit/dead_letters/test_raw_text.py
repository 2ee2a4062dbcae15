from __future__ import annotations

from pathlib import Path

import pytest

from expectations.errors import UsageError
from tasks.dead_letters.encryption import Cipher, new_key, read_keys
from tasks.dead_letters.models import FileFacts
from tasks.dead_letters.raw_text import ByReference, EncryptedText, RawReader, RawText
from tasks.dead_letters.store import open_store
from tasks.models import Dialect
from tasks.sources import fingerprint

from .conftest import Write, batch, letter

SECRET = b"7,secret,\xff\n"


def cipher(*keys: str) -> Cipher:
    return read_keys(",".join(keys), "SLUICE_KEY")


def test_encrypted_text_is_nowhere_in_the_table(url: str, write: Write) -> None:
    key = new_key()
    with open_store(url, EncryptedText(cipher(key))) as store:
        store.add([write(letter(1, SECRET), letter(0, None))], batch())
        stored = list(store.letters())
    assert all(one.raw is None or b"secret" not in one.raw for one in stored)
    assert sorted(one.raw_form for one in stored) == ["absent", "encrypted"]
    read = RawReader({}, cipher(key)).read(stored)
    assert {text.raw for text in read} == {None, SECRET}


def test_keys_can_be_changed(url: str, write: Write) -> None:
    old, new = new_key(), new_key()
    with open_store(url, EncryptedText(cipher(old))) as store:
        store.add([write(letter(1, SECRET))], batch())
    with open_store(url, EncryptedText(cipher(new, old))) as store:
        store.add([write(letter(2, SECRET))], batch())
        stored = list(store.letters())
    assert [text.raw for text in RawReader({}, cipher(new, old)).read(stored)] == [SECRET, SECRET]
    with pytest.raises(UsageError, match="a key that is not among those given"):
        RawReader({}, cipher(new)).read(stored)
    with pytest.raises(UsageError, match="name the key's environment variable"):
        RawReader({}).read(stored)


def test_text_moved_to_another_letter_is_noticed() -> None:
    one = cipher(new_key())
    sealed = one.encrypt(b"a" * 32, SECRET)
    assert one.decrypt(b"a" * 32, sealed) == SECRET
    for id_, text in ((b"b" * 32, sealed), (b"a" * 32, sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(UsageError, match="was changed after it was encrypted"):
            one.decrypt(id_, text)


@pytest.mark.parametrize("wrong", ["", "short", "A" * 44, "no base64!", new_key() + ",short"])
def test_a_key_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="SLUICE_KEY must hold 32 bytes in base64"):
        read_keys(wrong, "SLUICE_KEY")


def test_text_by_reference_is_read_from_its_file(url: str, write: Write, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'id,city\r\n1,"K\xf6ln\r\n2,x\r\n')
    (source,) = fingerprint(str(path))
    facts = FileFacts(
        file_digest=source.digest,
        file_format="csv",
        encoding="cp1252",
        dialect=Dialect(delimiter=",", line_end="\r\n"),
        size_bytes=source.size_bytes,
    )
    place = {"file": source.uri, "file_digest": source.digest}
    with open_store(url, ByReference()) as store:
        store.add([write(letter(2, b'1,"K\xf6ln', **place), letter(9, b"gone", **place))], batch(files=(facts,)))
        stored = sorted(store.letters(), key=lambda one: one.line)
        files = store.file_facts()
    assert [one.raw for one in stored] == [None, None]
    reader = RawReader(files)
    assert reader.read(stored) == [RawText(b'1,"K\xf6ln'), RawText(None, "its file does not hold it any more")]

    path.write_bytes(b"another file\n")
    assert all(text.raw is None for text in reader.read(stored))
    path.unlink()
    assert all("cannot be read again" in (text.why_not or "") for text in reader.read(stored))
