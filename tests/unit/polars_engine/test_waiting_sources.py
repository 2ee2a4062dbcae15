"""Great Expectations' other data sources are there for who asks, and are not imported for who does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
_HEAD = """
import sys
import expectations.polars_engine
import great_expectations as gx
def are_there():
    known = ("fluent.pandas_", "fluent.spark_", "fluent.sql_", "fluent.postgres_", "fluent.fabric_")
    return any(part in name for name in sys.modules for part in known)
context = gx.get_context(mode="ephemeral")
context.data_sources.add_polars("mine")
assert not are_there()
"""
_ASKED = {
    "a method": """
import pandas as pd
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("frame")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.DataFrame({"n": [1, 2]})})
assert batch.validate(gx.expectations.ExpectTableRowCountToEqual(value=2)).success
""",
    "the default": """
assert context.data_sources.pandas_default.type == "pandas"
""",
    "a class": """
from great_expectations.datasource.fluent import PandasFilesystemDatasource, SparkS3Datasource
assert PandasFilesystemDatasource.__name__ == "PandasFilesystemDatasource"
assert issubclass(SparkS3Datasource, gx.datasource.fluent.Datasource)
""",
    "its module": """
from great_expectations.datasource.fluent.spark_filesystem_datasource import SparkFilesystemDatasource
assert gx.datasource.fluent.SparkFilesystemDatasource is SparkFilesystemDatasource
""",
    "a module of the package": """
assert gx.datasource.fluent.sql_datasource.SQLDatasource is gx.datasource.fluent.SQLDatasource
assert "SqliteDatasource" in dir(gx.datasource.fluent)
""",
    "a database": """
from great_expectations.datasource.fluent import SQLDatasource
import warnings
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    SQLDatasource(name="any", connection_string="sqlite:///").get_engine()
assert "SqliteDatasource" in str(warned[0].message)
source = context.data_sources.add_sqlite("lite", connection_string="sqlite:///")
asset = source.add_query_asset("one", query="SELECT 1 AS n")
batch = asset.add_batch_definition_whole_table("all").get_batch()
assert batch.validate(gx.expectations.ExpectColumnValuesToBeBetween(column="n", min_value=1)).success
""",
    "a stored type": """
from great_expectations.datasource.fluent.sources import DataSourceManager
assert DataSourceManager.type_lookup["pandas_filesystem"].__name__ == "PandasFilesystemDatasource"
""",
    "names of all types": """
from great_expectations.datasource.fluent.sources import DataSourceManager
assert {"postgres", "pandas", "spark_s3", "fabric_powerbi"} <= set(DataSourceManager.type_lookup.type_names())
""",
    "what there is not": """
for wrong in (lambda: context.data_sources.add_nonsense, lambda: gx.datasource.fluent.Nonsense):
    try:
        wrong()
    except AttributeError as error:
        assert "onsense" in str(error)
    else:
        raise AssertionError
""",
}


@pytest.mark.parametrize("asked", _ASKED)
def test_other_data_sources_come_when_they_are_asked_for(asked: str) -> None:
    done = run(_HEAD + _ASKED[asked] + "assert are_there()\n")
    assert done.returncode == 0, done.stderr


def test_who_imports_great_expectations_first_has_all() -> None:
    done = run("import great_expectations\n" + _HEAD.partition("context =")[0] + "assert are_there()\n")
    assert done.returncode == 0, done.stderr


def test_nothing_of_them_is_left_that_only_stands_for_it() -> None:
    check = """
from expectations.polars_engine.waiting import Later
left = [(module, name) for module in list(sys.modules) for name, value in list(vars(sys.modules[module]).items())
        if isinstance(value, Later)]
assert not left, left
"""
    done = run(_HEAD + check)
    assert done.returncode == 0, done.stderr


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, which has imported nothing yet."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
