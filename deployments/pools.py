"""Docker and Kubernetes work pools: Prefect's own template, with what `deployments/<type>/pool.yaml` changes.

`python -m deployments.pools docker` makes the pool on the server that PREFECT_API_URL names, or brings it up to date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field

from expectations.errors import UsageError
from expectations.yaml_file import load_yaml_model
from tasks.models import Frozen

TYPES = {"docker": "prefect-docker", "kubernetes": "prefect-kubernetes"}
_DIR = Path(__file__).resolve().parent


class PoolChanges(Frozen):
    """What differs from Prefect's own template."""

    name: str
    description: str
    defaults: dict[str, Any] = Field(default_factory=dict)  # new defaults of variables that the template has
    variables: dict[str, dict[str, Any]] = Field(default_factory=dict)  # further variables, as JSON schemas
    # Laid over the template's; a list or a text replaces what was there.
    job_configuration: dict[str, Any] = Field(default_factory=dict)
    without: tuple[str, ...] = ()  # dotted places of the job configuration that are taken out


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a pool, or print its template. Exit codes: 0 done, 2 a wrong call or file."""
    parser = argparse.ArgumentParser(prog="python -m deployments.pools", description=__doc__.partition("\n")[0])
    parser.add_argument("type", choices=sorted(TYPES))
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the template, ask no server")
    options = parser.parse_args(arguments)
    try:
        changes = load_changes(options.type)
        template = base_job_template(options.type, changes)
    except UsageError as error:
        print(f"pools: {error}", file=sys.stderr)
        return 2
    print(json.dumps(template, indent=2) if options.only_print else make_pool(options.type, changes, template))
    return 0


def load_changes(kind: str) -> PoolChanges:
    """What `deployments/<kind>/pool.yaml` says."""
    return load_yaml_model(_DIR / kind / "pool.yaml", PoolChanges)


def base_job_template(kind: str, changes: PoolChanges) -> dict[str, Any]:
    """The template of a pool: `job_configuration` with places for `variables`.

    Raises:
        UsageError: a default is given for a variable that the template does not have.
    """
    template = shipped_template(kind)
    properties = template["variables"]["properties"]
    properties.update(changes.variables)
    unknown = sorted(set(changes.defaults) - set(properties))
    if unknown:
        known = ", ".join(sorted(properties))
        raise UsageError(f"the {kind} pool has no variables {', '.join(unknown)}; it has {known}")
    for name, default in changes.defaults.items():
        properties[name]["default"] = default
    for place in changes.without:
        _take_out(template["job_configuration"], place.split("."))
    template["job_configuration"] = _over(template["job_configuration"], changes.job_configuration)
    return template


def shipped_template(kind: str) -> dict[str, Any]:
    """The template that ships with Prefect's server."""
    views = files("prefect.server.api") / "collections_data" / "views" / "aggregate-worker-metadata.json"
    found: dict[str, Any] = json.loads(views.read_bytes())[TYPES[kind]][kind]["default_base_job_configuration"]
    return found


def make_pool(kind: str, changes: PoolChanges, template: dict[str, Any]) -> str:
    """Make the pool on the server or update it; what was done, in words."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - `--print` asks no server
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate  # noqa: PLC0415
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(changes.name)
        except ObjectNotFound:
            client.create_work_pool(
                WorkPoolCreate(
                    name=changes.name, description=changes.description, type=kind, base_job_template=template
                )
            )
            return f"the work pool {changes.name} is made"
        update = WorkPoolUpdate(description=changes.description, base_job_template=template)
        client.update_work_pool(changes.name, update)
        return f"the work pool {changes.name} is up to date"


def _over(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}
    return above


def _take_out(node: dict[str, Any], place: list[str]) -> None:
    for key in place[:-1]:
        node = node[key]
    del node[place[-1]]


if __name__ == "__main__":
    sys.exit(main())
