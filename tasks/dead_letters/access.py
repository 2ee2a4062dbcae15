"""The dead-letter table as the settings say: where it is, and how raw text is kept in it."""

from __future__ import annotations

from tasks.dead_letters.encryption import Cipher, read_keys
from tasks.dead_letters.raw_text import ByReference, EncryptedText, PlainText, RawReader, RawStorage
from tasks.dead_letters.store import DeadLetterStore, open_store
from tasks.settings import DeadLetterSettings, read_secret


def open_from(settings: DeadLetterSettings) -> DeadLetterStore:
    """Open the table.

    Raises:
        UsageError: address, password or key are wrong or not there, or the table is a newer Sluice's.
        sqlalchemy.exc.DBAPIError: the database does not answer; see `pending.persist`.
    """
    return open_store(settings.connection_url(), raw_storage(settings))


def raw_storage(settings: DeadLetterSettings) -> RawStorage:
    """How raw text of new letters is to be kept.

    Raises:
        UsageError: it is to be encrypted, and there is no key.
    """
    if settings.raw == "reference":
        return ByReference()
    if settings.raw == "encrypted":
        return EncryptedText(_cipher(settings))
    return PlainText()


def raw_reader(settings: DeadLetterSettings, store: DeadLetterStore) -> RawReader:
    """What gives the raw text of stored letters, however it was kept when they came.

    Raises:
        UsageError: the settings name a key, and it is not there.
    """
    return RawReader(store.file_facts(), _cipher(settings) if settings.key_env else None)


def _cipher(settings: DeadLetterSettings) -> Cipher:
    assert settings.key_env is not None
    return read_keys(read_secret(settings.key_env, "dead_letters.key_env"), settings.key_env)
