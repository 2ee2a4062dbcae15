"""How a deployed run ends that cannot begin: one clear message, and somebody is told."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from expectations.errors import UsageError
from flows.parameters import RunParameters
from flows.run import new_run_id
from tasks.alerts.alert import RunFailure
from tasks.alerts.send import send_alerts
from tasks.settings import load_what_is_right


def misconfigured(error: UsageError | ConnectionError, asked: RunParameters) -> State[Any]:
    """The state of the run. Nobody sits before it: people are told, by the channels its config names all the same.

    Args:
        error: what is wrong; its message names file, line and key, or the server that is away, and holds no data.
        asked: what the run was asked for.
    """
    settings = load_what_is_right(asked.config_path, asked.overrides())
    failure = RunFailure(
        run_id=asked.run_id or new_run_id(), dataset=settings.dataset, stage="start", what=str(error), has_report=False
    )
    send_alerts(failure, settings)
    return Failed(message=str(error))
