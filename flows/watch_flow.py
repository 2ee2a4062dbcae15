"""Looking after a dataset as a flow, for a schedule: see `watch.py`."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from expectations.errors import UsageError
from flows.logs import set_up_logging
from flows.misconfigured import misconfigured
from flows.parameters import RunParameters
from flows.watch import watch


@flow(name="sluice-watch", validate_parameters=True)
def sluice_watch(parameters: RunParameters | None = None) -> State[Any] | dict[str, bool]:
    """Alert of old dead letters and of data that stays away, by the rules of the config."""
    asked = parameters or RunParameters()
    set_up_logging(to_stdout=True)
    try:
        found, _ = watch(asked.settings())
    except UsageError as error:
        return misconfigured(error, asked)
    return {condition.rule.value: condition.alert is None for condition in found}
