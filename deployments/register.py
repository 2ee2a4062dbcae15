"""What a server is told: the pool, the deployments, the webhook and the automations. Idempotent throughout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from deployments.automations import definitions, upsert
from deployments.environment import POOL, PROJECT_DIR, WEBHOOK_VARIABLE

_WEBHOOK_BLOCK = "sluice-alerts"
_TELL = "sluice-tell/of-a-crash"


def register(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Tell the server everything; yields what was done, as name and words.

    Raises:
        RuntimeError: `prefect deploy` failed; its output is the message.
    """
    with get_client(sync_client=True) as client:
        yield "pool", _make_pool(client)
        yield "deployments", _deploy(environ)
        webhook = _webhook()
        yield "webhook", f"{WEBHOOK_VARIABLE} is kept in a block" if webhook else f"{WEBHOOK_VARIABLE} is not set"
        for name, what in upsert(client, definitions(_tell_deployment(client), webhook)).items():
            yield "automation", f"{name}: {what}"


def _make_pool(client: SyncPrefectClient) -> str:
    try:
        return f"{client.read_work_pool(POOL).name} is there"
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(name=POOL, type="process", description="Runs of Sluice on this machine.")
        )
        return f"{POOL} made"


def _deploy(environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        env=dict(environ),
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"prefect deploy failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return "those of prefect.yaml are up to date"


def _webhook() -> UUID | None:
    url = os.environ.get(WEBHOOK_VARIABLE)
    if not url:
        return None
    saved = Webhook(url=SecretStr(url)).save(_WEBHOOK_BLOCK, overwrite=True)
    return UUID(str(saved))


def _tell_deployment(client: SyncPrefectClient) -> UUID | None:
    try:
        return client.read_deployment_by_name(_TELL).id
    except ObjectNotFound:
        return None
