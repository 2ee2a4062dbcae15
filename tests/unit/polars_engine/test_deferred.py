"""Modules that others name and hardly use are imported on first use, and are the real ones then."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.polars_engine.deferred import deferred


@pytest.fixture
def names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that imports one of a package, as Great Expectations does with `scipy.stats`."""
    (tmp_path / "lazy_pack").mkdir()
    (tmp_path / "lazy_pack" / "__init__.py").touch()
    (tmp_path / "lazy_pack" / "heavy.py").write_text("answer = 42\n")
    (tmp_path / "names_heavy.py").write_text("from lazy_pack import heavy\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "names_heavy"
    for name in [name for name in sys.modules if name.startswith(("lazy_pack", "names_heavy"))]:
        del sys.modules[name]


def test_the_first_attribute_imports_the_module(names_it: str) -> None:
    importlib.import_module("lazy_pack")
    with deferred("lazy_pack.heavy"):
        named = importlib.import_module(names_it)
    assert "lazy_pack.heavy" not in sys.modules
    assert named.heavy.answer == 42
    assert sys.modules["lazy_pack.heavy"].answer == 42
    with pytest.raises(AttributeError, match="wrong"):
        _ = named.heavy.wrong


def test_within_the_block_too(names_it: str) -> None:
    importlib.import_module("lazy_pack")
    with deferred("lazy_pack.heavy"):
        named = importlib.import_module(names_it)
        assert named.heavy.answer == 42
        assert sys.modules["lazy_pack.heavy"] is not named.heavy


def test_what_is_there_already_stays(names_it: str) -> None:
    heavy = importlib.import_module("lazy_pack.heavy")
    with deferred("lazy_pack.heavy"):
        assert importlib.import_module(names_it).heavy is heavy


def test_an_interrupted_block_says_so(names_it: str) -> None:
    def interrupted() -> None:
        with deferred("lazy_pack.heavy"):
            importlib.import_module(names_it)
            del sys.modules["lazy_pack"]  # as the import system does with a package whose import is broken off
            raise KeyboardInterrupt

    importlib.import_module("lazy_pack")
    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_a_part_of_what_waits_waits_too(names_it: str) -> None:
    with deferred("lazy_pack", "lazy_pack.heavy"):
        named = importlib.import_module(names_it)
        assert sys.modules["lazy_pack.heavy"] is named.heavy
    assert "lazy_pack" not in sys.modules
    assert named.heavy.answer == 42


def test_a_function_imports_its_module_as_it_is_called(names_it: str, tmp_path: Path) -> None:
    (tmp_path / "lazy_pack" / "heavy.py").write_text("def double(number, *, plus): return 2 * number + plus\n")
    (tmp_path / f"{names_it}.py").write_text("from lazy_pack.heavy import double\n")
    importlib.import_module("lazy_pack")
    with deferred(functions_of=["lazy_pack.heavy"]):
        named = importlib.import_module(names_it)
    assert "lazy_pack.heavy" not in sys.modules
    assert named.double(20, plus=2) == 42
    assert sys.modules["lazy_pack.heavy"].double is not named.double


def test_the_plug_in_leaves_out_what_it_hardly_needs() -> None:
    hardly = {"scipy.stats", "altair", "boto3", "jsonschema", "requests", "sqlalchemy.orm"}
    code = f"import sys, expectations.polars_engine; print({hardly} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_it_leaves_out_is_there_when_it_is_asked_for() -> None:
    code = """
import expectations.polars_engine
from great_expectations.checkpoint import actions
from great_expectations.compatibility import aws, sqlalchemy as sql
from great_expectations.data_context.store.gx_cloud_store_backend import create_session
from great_expectations.data_context.util import PasswordMasker
from great_expectations.expectations.metrics import util
from great_expectations.expectations.metrics.column_map_metrics import column_values_match_json_schema as schemas
import boto3, jsonschema, requests, sqlalchemy.orm
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
assert aws.boto3 is boto3 and issubclass(aws.exceptions.ClientError, Exception)
assert actions.requests.Session is requests.Session
assert isinstance(create_session(access_token="none"), requests.Session)
assert sql.declarative_base is sqlalchemy.orm.declarative_base
assert util.sqlalchemy_psycopg.PGDialect_psycopg is PGDialect_psycopg
assert schemas.jsonschema.ValidationError is jsonschema.ValidationError
assert PasswordMasker.mask_db_url("postgresql://me:secret@here/base") == "postgresql://me:***@here/base"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
