"""What the API server refuses with 422, field by field: names, required parts, what may not change."""

from __future__ import annotations

import copy
import re
from typing import Any

from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import (
    DEPLOYMENTS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SERVICES,
    Resource,
)
from sandbox.clusters.selection import label_selector
from sandbox.clusters.statuses import ApiError, invalid

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_POD_MUTABLE = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")


def check(kind: Resource, body: Json) -> None:
    """Refuse a malformed object; ApiError 422."""
    meta = body["metadata"]
    name = meta["name"]
    dns_label = kind in {NAMESPACES, SERVICES}
    pattern, rule, longest = (_LABEL, _LABEL_RULE, 63) if dns_label else (_SUBDOMAIN, _SUBDOMAIN_RULE, 253)
    if not pattern.fullmatch(name):
        raise invalid(kind, name, "metadata.name", f'Invalid value: "{name}": {rule}', "FieldValueInvalid")
    if len(name) > longest:
        problem = f"Too long: may not be more than {longest} bytes"
        raise invalid(kind, name, "metadata.name", problem, "FieldValueTooLong")
    _labels(kind, name, "metadata.labels", meta.get("labels"))
    if kind is PODS:
        _pod(kind, name, body.get("spec"), "spec")
    elif kind in {DEPLOYMENTS, REPLICA_SETS}:
        _workload(kind, name, body.get("spec") or {})
    elif kind is SERVICES:
        _service(kind, name, body.get("spec") or {})


def required(kind: Resource, name: str, field: str, told: str = "") -> ApiError:
    """422 for a missing field."""
    return invalid(kind, name, field, f"Required value{told}", "FieldValueRequired")


def _labels(kind: Resource, name: str, field: str, labels: Json | None) -> None:
    for value in (labels or {}).values():
        text = str(value)
        if not _LABEL_VALUE.fullmatch(text) or len(text) > 63:
            problem = f'Invalid value: "{text}": '
            problem += _VALUE_RULE if len(text) <= 63 else "must be no more than 63 bytes"
            raise invalid(kind, name, field, problem, "FieldValueInvalid")


def _pod(kind: Resource, name: str, spec: Any, where: str) -> None:
    if not dig(spec, "containers"):
        raise required(kind, name, f"{where}.containers")
    volumes = {each.get("name") for each in spec.get("volumes") or []}
    seen: set[str] = set()
    for part in ("initContainers", "containers"):
        for number, each in enumerate(spec.get(part) or []):
            _container(kind, name, each, f"{where}.{part}[{number}]", volumes)
            if each["name"] in seen:
                problem = f'Duplicate value: "{each["name"]}"'
                field = f"{where}.{part}[{number}].name"
                raise invalid(kind, name, field, problem, "FieldValueDuplicate")
            seen.add(each["name"])
    policy = spec.get("restartPolicy")
    if policy not in {"Always", "OnFailure", "Never"}:
        problem = f'Unsupported value: "{policy}": supported values: "Always", "OnFailure", "Never"'
        raise invalid(kind, name, f"{where}.restartPolicy", problem, "FieldValueNotSupported")


def _container(kind: Resource, name: str, container: Json, field: str, volumes: set[Any]) -> None:
    for key in ("name", "image"):
        if not container.get(key):
            raise required(kind, name, f"{field}.{key}")
    if not _LABEL.fullmatch(container["name"]):
        problem = f'Invalid value: "{container["name"]}": {_LABEL_RULE}'
        raise invalid(kind, name, f"{field}.name", problem, "FieldValueInvalid")
    for at, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            problem = f'Not found: "{mount.get("name")}"'
            raise invalid(kind, name, f"{field}.volumeMounts[{at}].name", problem, "FieldValueNotFound")


def _workload(kind: Resource, name: str, spec: Json) -> None:
    if not dig(spec, "selector"):
        raise required(kind, name, "spec.selector")
    labels = dig(spec, "template", "metadata", "labels") or {}
    if not label_selector(spec["selector"])(labels):
        problem = f"Invalid value: {labels}: `selector` does not match template `labels`"
        raise invalid(kind, name, "spec.template.metadata.labels", problem, "FieldValueInvalid")
    _labels(kind, name, "spec.template.labels", labels)
    _pod(kind, name, dig(spec, "template", "spec") or {}, "spec.template.spec")
    policy = spec["template"]["spec"].get("restartPolicy")
    if policy != "Always":
        problem = f'Unsupported value: "{policy}": supported values: "Always"'
        place = "spec.template.spec.restartPolicy"
        raise invalid(kind, name, place, problem, "FieldValueNotSupported")


def _service(kind: Resource, name: str, spec: Json) -> None:
    ports = spec.get("ports") or []
    if not ports and spec.get("clusterIP") != "None":
        raise required(kind, name, "spec.ports")
    for number, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            raise required(kind, name, f"spec.ports[{number}].name")
        value = port.get("port")
        if not isinstance(value, int) or not 0 < value < 65536:
            problem = f"Invalid value: {value}: must be between 1 and 65535, inclusive"
            raise invalid(kind, name, f"spec.ports[{number}].port", problem, "FieldValueInvalid")


def check_change(kind: Resource, before: Json, after: Json) -> None:
    """Refuse a change of what may not change; ApiError 422."""
    name = before["metadata"]["name"]
    if kind is PODS and _frozen(before["spec"]) != _frozen(after["spec"]):
        problem = (
            "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions "
            "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
            "was previously negative)"
        )
        raise invalid(kind, name, "spec", problem, "FieldValueForbidden")
    if kind in {DEPLOYMENTS, REPLICA_SETS} and before["spec"]["selector"] != after["spec"]["selector"]:
        problem = f"Invalid value: {after['spec']['selector']}: field is immutable"
        raise invalid(kind, name, "spec.selector", problem, "FieldValueInvalid")


def _frozen(spec: Json) -> Json:
    frozen = {key: value for key, value in copy.deepcopy(spec).items() if key not in _POD_MUTABLE}
    for part in ("initContainers", "containers"):
        for each in frozen.get(part) or []:
            each.pop("image", None)
    return frozen
