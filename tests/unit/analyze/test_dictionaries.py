from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tasks.analyze.engines import dictionaries
from tasks.analyze.engines.dictionaries import counted_texts

NAME = "kind.of"  # a dot in a name is not a field of a record
files = st.lists(st.lists(st.none() | st.sampled_from(["", "a", "b", "ä"]), max_size=20), min_size=1, max_size=3)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(files, st.integers(1, 7), st.booleans())
def test_they_are_the_counts_of_a_group_by(
    monkeypatch: pytest.MonkeyPatch, columns: list[list[str | None]], group_rows: int, has_dictionary: bool
) -> None:
    monkeypatch.setattr(dictionaries, "_AT_ONCE", 2)
    options = {"use_dictionary": has_dictionary}
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{at}.parquet" for at in range(len(columns))]
        for column, path in zip(columns, paths, strict=True):
            frame = pl.DataFrame({NAME: column}, schema={NAME: pl.String})
            frame.write_parquet(path, use_pyarrow=True, row_group_size=group_rows, pyarrow_options=options)
        values = pl.concat(pl.read_parquet(path) for path in paths)[NAME].drop_nulls()
        found = counted_texts(paths, NAME, most=4)
    expected = values.value_counts(name="count").rename({NAME: "value"})
    assert found is not None
    assert_frame_equal(found, expected.cast(dict(found.schema.items())), check_row_order=False)


def test_more_than_are_asked_for_are_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({NAME: ["a", "b", "c"]}).write_parquet(path)
    assert counted_texts([path], NAME, most=2) is None
    assert counted_texts([path], NAME, most=3) is not None


def test_a_file_without_the_column_adds_nothing(tmp_path: Path) -> None:
    paths = [tmp_path / "old.parquet", tmp_path / "new.parquet"]
    pl.DataFrame({"other": [1]}).write_parquet(paths[0])
    pl.DataFrame({NAME: ["a", None]}).write_parquet(paths[1])
    found = counted_texts(paths, NAME, most=2)
    assert found is not None
    assert found.rows() == [("a", 1)]


def test_pandas_is_not_imported_for_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({NAME: ["a", None, "b"]}).write_parquet(path)
    code = (
        "import sys; from pathlib import Path; from tasks.analyze.engines.dictionaries import counted_texts;"
        f"found = counted_texts([Path({str(path)!r})], {NAME!r}, most=2); print(found.height, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "False"]
