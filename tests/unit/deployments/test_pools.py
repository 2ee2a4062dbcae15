"""Pool templates, manifests and deployment files against the schemas that ship with Prefect and Kubernetes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
from prefect.cli.deploy._models import DeploymentConfig, PrefectYamlModel
from prefect.utilities.importtools import import_object
from prefect.utilities.templating import apply_values
from ruamel.yaml import YAML

from deployments.pools import TYPES, base_job_template, load_changes, main
from expectations.errors import UsageError

ROOT = Path(__file__).resolve().parents[3]
PREFECT_FILES = ["prefect.yaml", "deployments/docker/prefect.yaml", "deployments/kubernetes/prefect.yaml"]


def read(path: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(ROOT / path))


def rendered(kind: str, **job_variables: Any) -> dict[str, Any]:
    """The job as a worker would make it: the template with its defaults, and what a worker always fills in."""
    template = base_job_template(kind, load_changes(kind))
    properties = template["variables"]["properties"]
    defaults = {name: schema["default"] for name, schema in properties.items() if schema.get("default") is not None}
    by_worker = {"name": "fast-fox", "command": ["python", "-m", "prefect.flow_engine"], "labels": {"app": "x"}}
    env = (
        [{"name": "PREFECT_API_URL", "value": "http://x"}] if kind == "kubernetes" else {"PREFECT_API_URL": "http://x"}
    )
    values = defaults | by_worker | {"env": env} | job_variables
    job: dict[str, Any] = apply_values(template["job_configuration"], values, remove_notset=True)
    return job


def faults(manifest: dict[str, Any]) -> list[str]:
    """What the newest Kubernetes would not accept."""
    try:
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.ValidationError as error:
        return [error.message]
    return []


def test_the_kubernetes_job_is_one_that_kubernetes_knows() -> None:
    manifest = rendered("kubernetes")["job_manifest"]

    assert faults(manifest) == []
    pod = manifest["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "sluice-data"}}]
    assert pod["containers"][0]["envFrom"] == [{"secretRef": {"name": "sluice-secrets", "optional": True}}]


def test_the_check_would_find_a_key_that_kubernetes_does_not_know() -> None:
    manifest = rendered("kubernetes")["job_manifest"]
    manifest["spec"]["template"]["spec"]["parallelism"] = 1

    (fault,) = faults(manifest)
    assert "parallelism" in fault


@pytest.mark.parametrize("document", read("deployments/kubernetes/worker.yaml"), ids=lambda document: document["kind"])
def test_the_workers_manifests_are_ones_that_kubernetes_knows(document: dict[str, Any]) -> None:
    assert faults(document) == []


@pytest.mark.parametrize("kind", TYPES)
def test_every_place_in_a_job_is_a_variable_and_every_default_fits_its_schema(kind: str) -> None:
    template = base_job_template(kind, load_changes(kind))
    properties = template["variables"]["properties"]

    places = set(re.findall(r"{{ (\w+) }}", json.dumps(template["job_configuration"])))
    assert places == set(properties)
    defaults = {name: schema["default"] for name, schema in properties.items() if schema.get("default") is not None}
    jsonschema.validate(defaults, template["variables"] | {"additionalProperties": False})


def test_a_default_for_a_variable_that_is_none_is_refused() -> None:
    changes = load_changes("docker").model_copy(update={"defaults": {"volums": []}})

    with pytest.raises(UsageError, match="the docker pool has no variables volums; it has auto_remove, command"):
        base_job_template("docker", changes)


def test_a_template_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docker", "--print"]) == 0
    assert json.loads(capsys.readouterr().out)["variables"]["properties"]["image"]["default"] == "sluice:latest"


@pytest.mark.parametrize("path", PREFECT_FILES)
def test_a_deployment_file_holds_only_what_prefect_knows(path: str) -> None:
    (document,) = read(path)

    known = {"name", "definitions", "prefect-version", *PrefectYamlModel.model_fields}
    assert set(document) <= known
    PrefectYamlModel.model_validate(document)
    for deployment in document["deployments"]:
        assert set(deployment) <= set(DeploymentConfig.model_fields)


@pytest.mark.parametrize("path", PREFECT_FILES)
def test_every_deployment_starts_a_flow_that_is_there_with_parameters_it_takes(path: str) -> None:
    (document,) = read(path)

    names = [deployment["name"] for deployment in document["deployments"]]
    assert len(names) == len(set(names))
    for deployment in document["deployments"]:
        file, _, function = deployment["entrypoint"].partition(":")
        flow = import_object(f"{file.removesuffix('.py').replace('/', '.')}.{function}")
        flow.validate_parameters(deployment.get("parameters", {"flow_run_id": str(uuid4())}))


@pytest.mark.parametrize("kind", TYPES)
def test_job_variables_are_ones_of_their_pool(kind: str) -> None:
    changes = load_changes(kind)
    variables = base_job_template(kind, changes)["variables"] | {"additionalProperties": False}
    (document,) = read(f"deployments/{kind}/prefect.yaml")

    for deployment in document["deployments"]:
        assert deployment["work_pool"]["name"] == changes.name
        jsonschema.validate(deployment["work_pool"]["job_variables"], variables)


def test_the_image_copies_what_is_there_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "deployments/docker/Dockerfile").read_text().splitlines()

    for line in lines:
        if line.startswith("COPY"):
            source = next(word for word in line.split()[1:] if not word.startswith("--"))
            assert (ROOT / source).exists(), line
    assert lines.index("USER sluice") > max(number for number, line in enumerate(lines) if line.startswith("RUN"))


def test_the_services_of_compose_hang_together() -> None:
    (document,) = read("deployments/docker/compose.yaml")

    services = document["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert set(service["networks"]) <= set(document["networks"])
    pool = base_job_template("docker", load_changes("docker"))["variables"]["properties"]
    assert services["worker"]["command"][4] == load_changes("docker").name
    assert {volume.split(":")[0] for volume in pool["volumes"]["default"]} <= set(document["volumes"])
    assert set(pool["networks"]["default"]) <= set(document["networks"])
    assert services["server"]["image"] == pool["image"]["default"]
