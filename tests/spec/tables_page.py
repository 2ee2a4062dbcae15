"""docs/tables.md, made from the schemas and from the spec tests' titles and docstrings.

python -m tests.spec.tables_page
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from tasks.analyze.schemas import TABLES
from tasks.analyze.schemas.result_table import ResultTable

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"
EVERY_TABLE = "every table"

_INTRO = """\
# The result tables

What a run works out, as CSV beside the report and as Parquet in the artifact store. All engines make the same tables,
to the last digit, and so do two runs (docs/decisions/0050). This page is made from the schemas and from the spec tests,
each of which runs on every engine: `python -m tests.spec.tables_page`.

Means, deviations, quantiles, shares and p-values are shown with 12 significant digits; counts are whole, and sums of
integers, decimals and times are added up exactly and divided once. Missing values are in no sum. Names of columns with
a unit carry it (`_seconds`); values are in the unit of the contract's value column.
"""


def page() -> str:
    """The whole page."""
    sayings = specified()
    parts = [_INTRO, "## Every table\n", sayings[EVERY_TABLE]]
    for name, table in TABLES.items():
        needs = f" Needs the roles: {', '.join(table.needs)}." if table.needs else " Always there."
        columns = [f"| `{column}` | {dtype} | {about} |" for column, dtype, about in _columns(table)]
        parts += [f"## {name}\n", f"{table.about}{needs}\n"]
        parts += ["| column | type | what it is |", "|---|---|---|", *columns, "", sayings[name]]
    return "\n".join(parts)


def _columns(table: ResultTable) -> Iterator[tuple[str, str, str]]:
    for name, dtype in table.schema.items():
        yield name, str(dtype.base_type()), table.columns[name][1]


def specified() -> dict[str, str]:
    """What the spec tests say of each table."""
    return dict(_sayings())


def _sayings() -> Iterator[tuple[str, str]]:
    """What the spec tests say, by the title of their class."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (title := _title(node)):
                tests = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]
                yield title, "".join(_saying(test) for test in tests)


def _title(node: ast.ClassDef) -> str | None:
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
            return str(line.value.value)
    return None


def _saying(test: ast.FunctionDef) -> str:
    """A test as an entry of the page; its first docstring says what holds."""
    what = test.name.removeprefix("test_").replace("_", " ")
    said = dedent("    " + (ast.get_docstring(test) or "")).strip()
    return f"- **{what[0].upper()}{what[1:]}.** {' '.join(said.split())}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
