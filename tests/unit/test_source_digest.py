from __future__ import annotations

from pathlib import Path

import pytest

from tasks.source_digest import PROJECT_DIR, stage_digest, stage_parts

FILES = {
    "tasks/__init__.py": "",
    "tasks/shared.py": "import json\nfrom tasks.deeper import depth\n",
    "tasks/deeper.py": "depth = 1\n",
    "tasks/stray.py": "",
    "tasks/caching.py": "import prefect\n",
    "tasks/cook/__init__.py": "",
    "tasks/cook/task.py": "from tasks.caching import x\nfrom tasks.cook.pot import boil\n",
    "tasks/cook/pot.py": "def boil():\n    from tasks import shared\n    from .lid import lid\n    import polars\n",
    "tasks/cook/lid.py": "from expectations.taste import salt\n",
    "tasks/cook/page.html": "<p>",
    "tasks/wash/__init__.py": "import duckdb\n",
    "expectations/__init__.py": "",
    "expectations/taste/__init__.py": "from .salt import salt\n",
    "expectations/taste/salt.py": "salt = 1\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_a_stage_is_its_folder_and_whatever_of_ours_it_imports(project: Path) -> None:
    files, libraries = stage_parts("cook", project)

    names = {file.relative_to(project).as_posix() for file in files}
    assert names == set(FILES) - {"tasks/stray.py", "tasks/caching.py", "tasks/wash/__init__.py"}
    assert {"polars", "json"} <= libraries
    assert not {"prefect", "duckdb"} & libraries


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("tasks/cook/pot.py", True),
        ("tasks/cook/page.html", True),
        ("tasks/shared.py", True),
        ("tasks/deeper.py", True),
        ("expectations/taste/salt.py", True),
        ("tasks/caching.py", False),
        ("tasks/stray.py", False),
        ("tasks/wash/__init__.py", False),
    ],
)
def test_a_changed_line_changes_the_digest_of_the_stages_it_is_part_of(project: Path, file: str, counts: bool) -> None:
    stage_digest.cache_clear()
    before = stage_digest("cook", project)
    (project / file).write_text(FILES[file] + "\n# another line\n")
    stage_digest.cache_clear()

    assert (stage_digest("cook", project) != before) is counts


def test_the_real_stages_include_what_they_stand_on() -> None:
    files, libraries = stage_parts("validate")

    names = {file.relative_to(PROJECT_DIR).as_posix() for file in files}
    assert {"tasks/models.py", "tasks/artifacts.py", "expectations/contract.py"} <= names
    assert "polars" in libraries
    assert not any(name.startswith(("tasks/analyze", "tasks/report", "tasks/ingest/task")) for name in names)
