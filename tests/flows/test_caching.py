"""That Prefect skips what is unchanged and reruns what is not, on a real engine."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import task
from prefect.client.schemas.objects import State

from expectations.contract import Contract, Limits
from expectations.errors import UsageError
from tasks import caching
from tasks.artifacts import ArtifactStore
from tasks.caching import ArtifactSerializer, StaleResultError, artifact_refs, stage_cache_policy, stage_options
from tasks.models import Analysis, ArtifactRef, SourceRef
from tasks.settings import RetrySettings, Settings
from tasks.source_digest import stage_digest

CONTRACT = Contract.model_validate({"dataset": "cooking", "columns": {"a": {"type": "string"}}})
SUITE = '{"name": "cooking", "expectations": []}'
SOURCE = SourceRef(uri="/in/a.csv", digest="0" * 64, size_bytes=3)


@task(name="cook")
def cook(source: SourceRef, contract: Contract, suite_text: str, store_root: str, run_id: str) -> Analysis:
    ref = ArtifactStore(Path(store_root)).put_bytes(".txt", f"{source.digest}{suite_text}{contract.digest()}".encode())
    return Analysis(engine="polars", tables={"cooked": ref})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one stage with one helper."""
    stage = tmp_path / "project" / "tasks" / "cook"
    stage.mkdir(parents=True)
    (stage.parent / "__init__.py").touch()
    (stage / "__init__.py").touch()
    (stage / "batch.py").write_text("from tasks.helper import stir\n")
    (stage.parent / "helper.py").write_text("def stir(): ...\n")
    return tmp_path / "project"


class Kitchen:
    """Runs the task in a flow of its own and says how it ended."""

    def __init__(self, project: Path, results_dir: Path) -> None:
        self.project = project
        self.settings = Settings(results_dir=results_dir)
        self.runs = 0
        self.result: Analysis | None = None

    def run(
        self,
        source: SourceRef = SOURCE,
        contract: Contract = CONTRACT,
        suite_text: str = SUITE,
        *,
        refresh: bool = False,
    ) -> str:
        stage_digest.cache_clear()  # as in a process of its own
        root = caching.store_root(self.settings)
        options = stage_options("ingest", self.settings, refresh=refresh)
        options["cache_policy"] = stage_cache_policy("cook", root, project_dir=self.project)
        self.runs += 1

        state: State[Analysis] = cook.with_options(**options)(
            source, contract, suite_text, str(root), f"run-{self.runs}", return_state=True
        )
        self.result = state.result()
        return state.name or ""


@pytest.fixture
def kitchen(prefect_engine: None, project: Path, tmp_path: Path) -> Kitchen:
    kitchen = Kitchen(project, tmp_path / "results")
    assert kitchen.run() == "Completed"
    return kitchen


def cooked(kitchen: Kitchen) -> Path:
    assert kitchen.result is not None
    return ArtifactStore(caching.store_root(kitchen.settings)).path(kitchen.result.tables["cooked"])


def test_what_is_unchanged_is_cached_whichever_run_it_is(kitchen: Kitchen) -> None:
    first = kitchen.result

    assert kitchen.run() == "Cached"
    assert kitchen.result == first
    assert isinstance(kitchen.result, Analysis)


CHANGES: dict[str, Callable[[Kitchen], str]] = {
    "file": lambda kitchen: kitchen.run(source=SOURCE.model_copy(update={"digest": "1" * 64})),
    "contract": lambda kitchen: kitchen.run(contract=CONTRACT.model_copy(update={"limits": Limits(rejected_rows=1)})),
    "suite": lambda kitchen: kitchen.run(suite_text=SUITE.replace("[]", "[{}]")),
    "refresh": lambda kitchen: kitchen.run(refresh=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_input_runs_again_and_the_old_one_is_still_cached(kitchen: Kitchen, change: str) -> None:
    assert CHANGES[change](kitchen) == "Completed"
    assert kitchen.run() == "Cached"


def test_a_changed_helper_runs_again(kitchen: Kitchen) -> None:
    (kitchen.project / "tasks" / "helper.py").write_text("def stir(): return 1\n")

    assert kitchen.run() == "Completed"
    assert kitchen.run() == "Cached"


def test_a_deleted_artifact_is_made_again(kitchen: Kitchen) -> None:
    cooked(kitchen).unlink()

    assert kitchen.run() == "Completed"
    assert cooked(kitchen).is_file()


def test_an_artifact_cut_short_is_made_again(kitchen: Kitchen) -> None:
    whole = cooked(kitchen).read_bytes()
    cooked(kitchen).write_bytes(whole[:-1])

    assert kitchen.run() == "Completed"
    assert cooked(kitchen).read_bytes() == whole


def test_another_results_folder_has_a_cache_of_its_own(kitchen: Kitchen, tmp_path: Path) -> None:
    assert Kitchen(kitchen.project, tmp_path / "elsewhere").run() == "Completed"


def test_two_tasks_of_one_stage_do_not_take_each_others_results(kitchen: Kitchen) -> None:
    root = caching.store_root(kitchen.settings)
    options = stage_options("ingest", kitchen.settings)
    options["cache_policy"] = stage_cache_policy("cook", root, project_dir=kitchen.project)
    roast = task(name="roast")(cook.fn).with_options(**options)

    assert roast(SOURCE, CONTRACT, SUITE, str(root), "run", return_state=True).name == "Completed"


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (TimeoutError("slow"), 3),
        (OSError(errno.EIO, "disk"), 3),
        (OSError(errno.ENOSPC, "full"), 1),
        (FileNotFoundError("gone"), 1),
        (UsageError("wrong"), 1),
        (ValueError("bug"), 1),
    ],
)
@pytest.mark.usefixtures("prefect_engine")
def test_only_what_passes_by_is_tried_again(tmp_path: Path, error: Exception, tries: int) -> None:
    made: list[int] = []
    retries = RetrySettings(attempts=3, first_delay_seconds=0, jitter=0)
    options = stage_options("ingest", Settings(results_dir=tmp_path, retries=retries), refresh=True)

    @task(name="fail", **options)
    def fail() -> None:
        made.append(1)
        raise error

    assert fail(return_state=True).is_failed()
    assert len(made) == tries


def test_the_options_are_what_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(results_dir=tmp_path, retries=RetrySettings(attempts=4, first_delay_seconds=2, jitter=0.25))

    options = stage_options("ingest", settings)

    assert options["retries"] == 3
    assert options["retry_delay_seconds"] == [2, 4, 8]
    assert options["retry_jitter_factor"] == 0.25
    assert options["result_storage"].is_absolute()


def test_artifacts_are_found_wherever_they_stand_in_a_model() -> None:
    one, two = (ArtifactRef(digest=digit * 64, suffix=".x", size_bytes=1) for digit in "ab")

    assert list(artifact_refs([Analysis(engine="polars", tables={"a": one, "b": two}), (one,)])) == [one, two, one]


@pytest.mark.parametrize("value", [SOURCE, [SOURCE, SOURCE], []])
def test_models_and_lists_of_models_come_back_equal(tmp_path: Path, value: Any) -> None:
    serializer = ArtifactSerializer(store_root=str(tmp_path))

    assert serializer.loads(serializer.dumps(value)) == value


def test_what_is_no_model_of_ours_is_neither_kept_nor_read(tmp_path: Path) -> None:
    serializer = ArtifactSerializer(store_root=str(tmp_path))

    with pytest.raises(TypeError, match="returns models"):
        serializer.dumps(3)
    with pytest.raises(StaleResultError, match="no model of this project"):
        serializer.loads(b'{"is_many": false, "models": [{"model": "os:system", "value": {}}]}')


def test_of_an_error_only_its_kind_is_kept(tmp_path: Path) -> None:
    serializer = ArtifactSerializer(store_root=str(tmp_path))

    kept = serializer.dumps(ValueError("secret-cell"))

    assert b"secret-cell" not in kept
    assert repr(serializer.loads(kept)) == "StageError('ValueError')"
