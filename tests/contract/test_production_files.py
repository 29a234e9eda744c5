"""The files of docs/production against their makers' schemas, and against the code that they run."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from jsonschema import Draft7Validator

from contract.vendor.schemas import SPECS, load
from hummingbird.core.record import Record
from hummingbird.notary.settings import _NEEDED
from hummingbird.workloads.mounted import (
    ApolloAccess,
    ArtifactoryAccess,
    GitlabAccess,
    HarborAccess,
    MetricsAccess,
    NotaryKey,
)
from sandbox.clusters.access import token
from sandbox.clusters.authority import certificate_authority
from sandbox_world import SandboxWorld, sandbox_world

ROOT = Path(__file__).parents[2]
PRODUCTION = ROOT / "docs" / "production"
MANIFESTS = sorted(path for path in PRODUCTION.glob("*.yaml") if not path.name.startswith("airflow-values"))
CHART = "airflow-chart/values.schema.json"
GROUPS = {
    "v1": "io.k8s.api.core.v1",
    "apps/v1": "io.k8s.api.apps.v1",
    "batch/v1": "io.k8s.api.batch.v1",
    "policy/v1": "io.k8s.api.policy.v1",
    "networking.k8s.io/v1": "io.k8s.api.networking.v1",
    "rbac.authorization.k8s.io/v1": "io.k8s.api.rbac.v1",
}
PLURALS = {
    "Namespace": "namespaces",
    "ServiceAccount": "serviceaccounts",
    "Secret": "secrets",
    "ConfigMap": "configmaps",
    "Service": "services",
    "Deployment": "deployments",
}


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one]


def every_manifest() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path.name}:{one['kind']}", one) for path in MANIFESTS for one in documents(path)]


def merged(*names: str) -> dict[str, Any]:
    """Values files laid over each other as Helm does it."""
    result: dict[str, Any] = {}
    for name in names:
        (document,) = documents(PRODUCTION / name)
        result = _over(result, document)
    return result


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        k: _over(below[k], v)
        for k, v in above.items()
        if isinstance(v, dict) and isinstance(below.get(k), dict)
    }
    return {**below, **above, **both}


def complaints(values: dict[str, Any]) -> list[str]:
    """What the chart's schema says of values; skipped without the schema."""
    path = SPECS / CHART
    if not path.exists():
        pytest.skip(f"the chart's {CHART} is not in {SPECS}; copy it from the chart you install")
    schema = json.loads(path.read_text("utf-8"))
    wrong = Draft7Validator(schema).iter_errors(values)
    return [*_unknown(values, schema), *(f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in wrong)]


def _unknown(values: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Keys that the schema does not name: at its top it lets them pass, and Helm ignores them in silence."""
    named = schema.get("properties")
    if not isinstance(values, dict) or not named:
        return []
    free = schema.get("additionalProperties")
    told = [f"{where}{key} is no value of the chart" for key in values if key not in named and not free]
    for key in values.keys() & named.keys():
        told += _unknown(values[key], named[key], f"{where}{key}.")
    return told


@pytest.mark.parametrize("more", [(), ("airflow-values-kubernetes.yaml",)])
def test_every_value_is_one_of_the_chart_s(more: tuple[str, ...]) -> None:
    assert complaints(merged("airflow-values.yaml", *more)) == []


def test_a_value_that_the_chart_does_not_know_would_be_found() -> None:
    values = merged("airflow-values.yaml")
    (told,) = complaints(values | {"webserver": {"replicas": 1}})
    assert "webserver" in told
    assert any("replica" in one for one in complaints(values | {"apiServer": {"replica": 1}}))


def test_the_values_switch_off_what_the_chart_would_draw_or_open() -> None:
    values = merged("airflow-values.yaml")
    assert values["createUserJob"]["enabled"] is False, "the chart creates admin with password admin"
    assert values["postgresql"]["enabled"] is False
    assert values["airflowLocalSettings"] is None, "the chart's file would hide our entrance"
    assert all(values[f"{key}SecretName"] for key in ("fernetKey", "apiSecretKey"))
    assert values["jwtSecretName"]
    assert values["networkPolicies"]["enabled"] is True


def test_the_values_say_what_the_image_and_the_measurements_say() -> None:
    values = merged("airflow-values.yaml")
    config, image = values["config"], (ROOT / "Dockerfile").read_text("utf-8")
    assert f"apache/airflow:{values['airflowVersion']}-" in image
    for section, key in (
        ("workers", "min_heartbeat_interval"),
        ("scheduler", "task_instance_heartbeat_timeout"),
    ):
        assert f"AIRFLOW__{section.upper()}__{key.upper()}={config[section][key]}" in image
    assert f"AIRFLOW__CORE__AUTH_MANAGER={config['core']['auth_manager']}" in image
    home = "/opt/airflow/hummingbird"
    assert config["core"]["dags_folder"] == f"{home}/dags"
    assert f"ENV HUMMINGBIRD={home}" in image
    pools = yaml.safe_load((ROOT / "airflow_settings.yaml").read_text("utf-8"))["airflow"]["pools"]
    assert int(config["celery"]["worker_concurrency"]) > sum(pool["pool_slot"] for pool in pools)


@pytest.mark.parametrize(
    ("name", "manifest"), every_manifest(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_manifest_is_as_kubernetes_describes_it(name: str, manifest: dict[str, Any]) -> None:
    definitions = load("kubernetes/swagger.json")["definitions"]
    kind = f"{GROUPS[manifest['apiVersion']]}.{manifest['kind']}"
    schema = {"$ref": f"#/definitions/{kind}", "definitions": definitions}
    assert [f"{list(e.path)}: {e.message[:200]}" for e in Draft7Validator(schema).iter_errors(manifest)] == []


@pytest.fixture
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxWorld]:
    """Clusters of their own: the manifests' Secrets would take the place of those that others pull with."""
    with sandbox_world(tmp_path_factory.mktemp("clusters")) as own:
        yield own.needs("clusters")


def test_each_kind_that_a_cluster_serves_can_be_applied(clusters: SandboxWorld, tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_bytes(certificate_authority(clusters.world))
    applied = []
    for name, manifest in every_manifest():
        if manifest["kind"] not in PLURALS:
            continue
        meta = manifest["metadata"]
        folder = "apis/apps/v1" if manifest["apiVersion"] == "apps/v1" else "api/v1"
        where = f"namespaces/{meta['namespace']}/" if "namespace" in meta else ""
        cluster = "dev" if meta.get("namespace", meta["name"]) == "trading" else "tools"
        if manifest["kind"] == "Secret":
            plain = manifest.pop("stringData")
            manifest["data"] = {k: base64.b64encode(v.encode()).decode() for k, v in plain.items()}
        if manifest["kind"] == "Deployment":
            manifest["spec"]["replicas"] = 0  # its image exists in production alone
        answer = requests.patch(
            f"{clusters.url(cluster)}/{folder}/{where}{PLURALS[manifest['kind']]}/{meta['name']}",
            data=json.dumps(manifest),
            params={"fieldManager": "operator", "force": "true"},
            headers={
                "Content-Type": "application/apply-patch+yaml",
                "Authorization": f"Bearer {token(clusters.world, cluster, 'admin')}",
            },
            verify=str(authority),
            timeout=20,
        )
        assert answer.status_code in (200, 201), f"{name}: {answer.text}"
        applied.append(manifest["kind"])
    assert set(applied) == {"Namespace", "ServiceAccount", "Secret", "Service", "Deployment"}


def notary() -> dict[str, Any]:
    (found,) = [d for d in documents(PRODUCTION / "notary.yaml") if d["kind"] == "Deployment"]
    return dict(found["spec"]["template"]["spec"])


def test_the_notary_s_manifest_sets_all_that_the_notary_needs_and_mounts_every_file() -> None:
    (container,) = notary()["containers"]
    environment = {one["name"]: one.get("value", "") for one in container["env"]}
    assert set(_NEEDED) <= environment.keys()
    folders = [mount["mountPath"] for mount in container["volumeMounts"]]
    for name, value in environment.items():
        if name.endswith("_FILE"):
            assert str(Path(value).parent) in folders, name
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in notary()["volumes"]}


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_the_notary_s_pods_have_no_privilege(kind: str) -> None:
    (found,) = [d for d in documents(PRODUCTION / "notary.yaml") if d["kind"] == kind]
    pod = found["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"]), "by digest, never by tag"
        assert set(container["resources"]) == {"requests", "limits"}


def test_the_workload_s_secret_has_the_files_and_fields_that_pods_read() -> None:
    forms: dict[str, type[Record]] = {
        "notary": NotaryKey,
        "harbor": HarborAccess,
        "apollo": ApolloAccess,
        "gitlab": GitlabAccess,
        "artifactory": ArtifactoryAccess,
        "metrics": MetricsAccess,
    }
    secret = documents(PRODUCTION / "workload-secret.yaml")[0]
    assert set(secret["stringData"]) == {f"{name}.json" for name in forms}
    for name, form in forms.items():
        form.model_validate_json(secret["stringData"][f"{name}.json"])
