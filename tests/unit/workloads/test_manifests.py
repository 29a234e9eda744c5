"""A target as Kubernetes objects."""

from __future__ import annotations

from typing import Any

import pytest

from builders import COMMIT, DIGEST, a_bundle, a_component, the_catalogue
from hummingbird.core.bundle import Configuration
from hummingbird.core.errors import Invalid
from hummingbird.workloads.deployment.manifests import config_map, deployment, properties, service
from hummingbird.workloads.deployment.target import Target
from pod_security import violations

URL = "https://apollo.example/DEV"


def a_target(items: dict[str, str] | None = None, **changes: Any) -> Target:
    catalogue = the_catalogue()
    carried = a_component(configuration={"dev": Configuration(items=items or {"limit": "1", "a": "x=y"})})
    fields: dict[str, Any] = {
        "component": catalogue.component("order-gateway"),
        "carried": carried,
        "bundle": a_bundle(carried).sha256,
        "story": "HB-101",
        "environment": catalogue.environment("dev"),
        "cluster": catalogue.clusters["dev"],
        "registry": "registry.example:8443",
    }
    return Target(**{**fields, **changes})


def container(target: Target) -> dict[str, Any]:
    (found,) = deployment(target, URL, {})["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_the_image_is_the_bundles_digest_in_the_clusters_own_repository() -> None:
    assert container(a_target())["image"] == f"registry.example:8443/trading-dev/order-gateway@{DIGEST}"
    assert COMMIT not in str(deployment(a_target(), URL, {})), "no tag and no commit name decides what runs"


def test_pods_have_no_privileges_and_bounded_resources() -> None:
    spec = deployment(a_target(), URL, {})["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    security = container(a_target())["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert container(a_target())["resources"]["limits"] == {"cpu": "100m", "memory": "128Mi"}
    assert "hostPath" not in str(spec)
    assert violations(spec) == []


def test_pods_restart_for_image_or_configuration_only() -> None:
    def template(target: Target, annotations: dict[str, str]) -> Any:
        return deployment(target, URL, annotations)["spec"]["template"]

    same = template(a_target(), {"hummingbird.dev/warrant": "w-1"})
    assert same == template(a_target(bundle="0" * 64, story="HB-102"), {"hummingbird.dev/warrant": "w-2"})
    assert same != template(a_target({"limit": "2"}), {})


def test_the_configuration_file_is_named_by_its_content_and_never_changes() -> None:
    first, second = config_map(a_target({"limit": "1"})), config_map(a_target({"limit": "2"}))
    assert first["metadata"]["name"] != second["metadata"]["name"]
    assert first["immutable"] is True
    assert properties(a_target()) == "a=x=y\nlimit=1\n"


@pytest.mark.parametrize("items", [{"a": "1\nb=2"}, {"a=b": "1"}, {"#a": "1"}, {" a": "1"}])
def test_an_item_that_would_become_another_one_is_refused(items: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="does not fit"):
        properties(a_target(items))


def test_the_program_learns_its_world_from_the_environment() -> None:
    values = {entry["name"]: entry.get("value") for entry in container(a_target())["env"]}
    assert values["PORT"] == "8080"
    assert values["APOLLO_CONFIG_URL"] == URL
    assert values["APOLLO_APP_ID"] == "order-gateway"
    assert values["ORDER_GATEWAY_CONFIG"] == "/etc/hummingbird/config/application.properties"


def test_the_service_selects_the_deployments_pods() -> None:
    target = a_target()
    selector = service(target)["spec"]["selector"]
    labels = deployment(target, URL, {})["spec"]["template"]["metadata"]["labels"]
    assert selector.items() <= labels.items()
    assert deployment(target, URL, {})["spec"]["selector"]["matchLabels"] == selector
