"""How Prefect caches and retries a stage. With `tasks/<stage>/task.py` the only modules of tasks/ that know Prefect.

A cached result is a small model that points at artifacts. Its key is made of the task's inputs, its name, the digest
of the source the stage is made of, and the versions of the libraries (docs/decisions/0081-cache-keys.md). Reading it
back fails where an artifact it points at is gone or cut short, and Prefect takes a failed read for a miss.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

from prefect.cache_policies import INPUTS, CacheKeyFnPolicy, CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.serializers import Serializer
from prefect.tasks import Task, exponential_backoff
from pydantic import BaseModel, Field

from tasks.artifacts import ArtifactStore
from tasks.models import ArtifactRef
from tasks.retries import is_transient
from tasks.safe_errors import describe
from tasks.settings import Settings
from tasks.source_digest import PROJECT_DIR, stage_digest

# Parameters that say which run it is, not what is computed.
RUN_ONLY = ("run_id", "store_root")


class StageOptions(TypedDict):
    """What `task.with_options(**options)` takes."""

    cache_policy: CachePolicy
    result_storage: Path
    result_serializer: ArtifactSerializer
    persist_result: bool
    cache_result_in_memory: bool
    refresh_cache: bool
    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Any


class StageError(Exception):
    """How a task of an earlier run failed, as it was kept."""


class StaleResultError(Exception):
    """A cached result points at an artifact that is gone or not whole."""


class ArtifactSerializer(Serializer):
    """Models as JSON, read back only while every artifact they point at is in the store."""

    type: str = Field(default="sluice-artifacts", frozen=True)
    store_root: str

    def dumps(self, obj: Any) -> bytes:
        """A model, or a list or tuple of models, as JSON with the models' names; of an error only what may be said."""
        if isinstance(obj, BaseException):
            return json.dumps({"error": describe(obj)}).encode()
        is_many = isinstance(obj, list | tuple)
        models = list(obj) if is_many else [obj]
        named = [{"model": _name(one), "value": one.model_dump(mode="json")} for one in models]
        return json.dumps({"is_many": is_many, "models": named}).encode()

    def loads(self, blob: bytes) -> Any:
        """The model or models.

        Raises:
            StaleResultError: an artifact is missing or of another size.
        """
        document = json.loads(blob)
        if "error" in document:
            return StageError(document["error"])
        models = [_model(one["model"]).model_validate(one["value"]) for one in document["models"]]
        store = ArtifactStore(Path(self.store_root))
        for ref in artifact_refs(models):
            if not store.has(ref):
                raise StaleResultError(f"the artifact {ref.digest}{ref.suffix} is not in {store.root}, or is not whole")
        return models if document["is_many"] else models[0]


def artifact_refs(value: object) -> Iterator[ArtifactRef]:
    """Every artifact that a model, or a collection of models, points at."""
    if isinstance(value, ArtifactRef):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from artifact_refs(getattr(value, name))
    elif isinstance(value, dict):
        yield from artifact_refs(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from artifact_refs(one)


def stage_cache_policy(
    stage: str, store_root: Path, run_only: Iterable[str] = RUN_ONLY, project_dir: Path = PROJECT_DIR
) -> CachePolicy:
    """The cache key of a stage's tasks: inputs, task name, source, versions, and the store it writes to.

    Args:
        stage: the package below `tasks/`.
        store_root: results of one store are not results of another.
        run_only: parameters of the task that do not count as inputs.
        project_dir: the folder that holds `tasks/`.
    """
    digest = stage_digest(stage, project_dir)

    def namespace(context: TaskRunContext, _inputs: dict[str, Any]) -> str:
        return f"{context.task.name}:{digest}:{store_root.absolute()}"

    inputs: CachePolicy = INPUTS
    for name in run_only:
        inputs = inputs - name
    return inputs + CacheKeyFnPolicy(cache_key_fn=namespace)


def stage_options(
    stage: str, settings: Settings, *, refresh: bool = False, run_only: Iterable[str] = RUN_ONLY
) -> StageOptions:
    """How the tasks of a stage run: cached in the results folder, retried when something passing goes wrong.

    Args:
        stage: the package below `tasks/`.
        settings: results folder and retries.
        refresh: run even where there is a cached result, and replace it.
        run_only: parameters of the task that do not count as inputs.
    """
    root = store_root(settings)
    return StageOptions(
        cache_policy=stage_cache_policy(stage, root, run_only),
        result_storage=root / "results",
        result_serializer=ArtifactSerializer(store_root=str(root)),
        persist_result=True,
        cache_result_in_memory=False,
        refresh_cache=refresh,
        retries=settings.retries.attempts - 1,
        retry_delay_seconds=exponential_backoff(settings.retries.first_delay_seconds)(settings.retries.attempts - 1),
        retry_jitter_factor=settings.retries.jitter,
        retry_condition_fn=is_worth_a_retry,
    )


def store_root(settings: Settings) -> Path:
    """The artifact store of a results folder, as an absolute path: a relative one would move with the working dir."""
    return settings.results_dir.absolute() / "store"


def is_worth_a_retry(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's `retry_condition_fn`: true for errors that pass by themselves."""
    try:
        state.result(raise_on_failure=True)
    except Exception as error:  # noqa: BLE001 - whatever the task raised is judged, none is swallowed
        return is_transient(error)
    return False


def _name(model: object) -> str:
    if not isinstance(model, BaseModel):
        raise TypeError(f"a task of a stage returns models of tasks/, or lists of them, not {type(model).__name__}")
    return f"{type(model).__module__}:{type(model).__qualname__}"


def _model(name: str) -> type[BaseModel]:
    module, _, qualified = name.partition(":")
    if module.partition(".")[0] not in ("tasks", "expectations"):
        raise StaleResultError(f"a cached result names {name}, which is no model of this project")
    found = getattr(import_module(module), qualified)
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise StaleResultError(f"{name} is no longer a model")
    return found
