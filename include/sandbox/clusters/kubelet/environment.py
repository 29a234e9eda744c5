"""The environment of a container: image, services, secrets, config maps, fields, nothing of the host's."""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import CONFIG_MAPS, SECRETS, SERVICES
from sandbox.clusters.store import Store

_KINDS = {
    "secretKeyRef": SECRETS,
    "configMapKeyRef": CONFIG_MAPS,
    "secretRef": SECRETS,
    "configMapRef": CONFIG_MAPS,
}
PORTS_ANNOTATION = "sandbox/ports"


class ConfigError(Exception):
    """A container that cannot be configured: what refers to something that is not there."""


def base_path() -> str:
    """Where a pod finds the machine's programs, its base image: SANDBOX_BASE_PATH or this Python's folder."""
    return os.environ.get("SANDBOX_BASE_PATH") or f"{Path(sys.executable).parent}:/usr/bin:/bin"


def declared(store: Store, pod: Json, container: Json) -> dict[str, str]:
    """What envFrom and env say, with references followed; ConfigError when one leads nowhere."""
    namespace = pod["metadata"]["namespace"]
    found: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        for kind in ("configMapRef", "secretRef"):
            if kind in source:
                content = _content(store, kind, namespace, source[kind])
                found |= {f"{source.get('prefix', '')}{key}": value for key, value in content.items()}
    for each in container.get("env") or []:
        if "valueFrom" in each:
            value = _from(store, pod, container, each["valueFrom"])
            if value is not None:
                found[each["name"]] = value
        else:
            found[each["name"]] = expand(each.get("value") or "", found)
    return found


def expand(text: str, known: dict[str, str]) -> str:
    """A text with `$(NAME)` replaced where NAME is known, and `$$(` unescaped."""

    def one(match: re.Match[str]) -> str:
        return "$" + match[1] if match[0].startswith("$$") else known.get(match[2], match[0])

    return re.sub(r"\$\$(\()|\$\(([A-Za-z_][\w.-]*)\)", one, text)


def _content(store: Store, kind: str, namespace: str, reference: Json) -> dict[str, str]:
    found = store.read(_KINDS[kind], namespace, reference.get("name", ""))
    if found is None:
        if reference.get("optional"):
            return {}
        raise ConfigError(
            f'{"secret" if "secret" in kind else "configmap"} "{reference.get("name")}" not found'
        )
    return {key: value.decode("utf-8", "replace") for key, value in data_of(found).items()}


def data_of(body: Json) -> dict[str, bytes]:
    """The content of a Secret or ConfigMap."""
    data, binary = body.get("data") or {}, body.get("binaryData") or {}
    if body["kind"] == "Secret":
        return {key: base64.b64decode(value) for key, value in data.items()}
    plain = {key: str(value).encode() for key, value in data.items()}
    return plain | {key: base64.b64decode(value) for key, value in binary.items()}


def _from(store: Store, pod: Json, container: Json, source: Json) -> str | None:
    for kind in ("secretKeyRef", "configMapKeyRef"):
        if kind in source:
            reference = source[kind]
            content = _content(store, kind, pod["metadata"]["namespace"], reference)
            if reference["key"] not in content:
                if reference.get("optional"):
                    return None
                owner = "Secret" if kind == "secretKeyRef" else "ConfigMap"
                place = f"{pod['metadata']['namespace']}/{reference['name']}"
                raise ConfigError(f"couldn't find key {reference['key']} in {owner} {place}")
            return content[reference["key"]]
    if "fieldRef" in source:
        return field_of(pod, source["fieldRef"]["fieldPath"])
    resource = source.get("resourceFieldRef") or {}
    return str(dig(container, "resources", *str(resource.get("resource", "")).split(".")) or "")


def field_of(pod: Json, path: str) -> str:
    """A field of the downward API; ConfigError when it is not one."""
    keyed = re.fullmatch(r"metadata\.(labels|annotations)\['([^']+)'\]", path)
    if keyed:
        return str((pod["metadata"].get(keyed[1]) or {}).get(keyed[2], ""))
    if path in {"metadata.labels", "metadata.annotations"}:
        content = pod["metadata"].get(path.partition(".")[2]) or {}
        return "\n".join(f'{key}="{value}"' for key, value in sorted(content.items()))
    known = {"status.podIP", "status.hostIP", "spec.nodeName", "spec.serviceAccountName"}
    if path not in known and path not in {"metadata.name", "metadata.namespace", "metadata.uid"}:
        raise ConfigError(f"unsupported fieldPath: {path}")
    return str(dig(pod, *path.split(".")) or "")


def services(store: Store, pod: Json, api_port: int) -> dict[str, str]:
    """How programs find services: host and forwarder port of each, and the API server's."""
    found = _service("kubernetes", [("https", 443, api_port)])
    if pod["spec"].get("enableServiceLinks") is False:
        return found
    for each in store.list(SERVICES, pod["metadata"]["namespace"]):
        forwarded = forwarder_ports(each)
        ports = [
            (port.get("name", ""), port["port"], forwarded[port["port"]])
            for port in each["spec"].get("ports") or []
            if port["port"] in forwarded
        ]
        found |= _service(each["metadata"]["name"], ports)
    return found


def forwarder_ports(service: Json) -> dict[int, int]:
    """A service's ports and the ports of this machine that forward to them."""
    text = (service["metadata"].get("annotations") or {}).get(PORTS_ANNOTATION, "")
    return {int(port): int(own) for port, _, own in (each.partition("=") for each in text.split(",")) if own}


def _service(name: str, ports: Iterable[tuple[str, int, int]]) -> dict[str, str]:
    prefix = name.upper().replace("-", "_")
    found: dict[str, str] = {}
    for title, port, own in ports:
        if f"{prefix}_SERVICE_PORT" not in found:
            found |= {f"{prefix}_SERVICE_HOST": "127.0.0.1", f"{prefix}_SERVICE_PORT": str(own)}
            found[f"{prefix}_PORT"] = f"tcp://127.0.0.1:{own}"
        if title:
            found[f"{prefix}_SERVICE_PORT_{title.upper().replace('-', '_')}"] = str(own)
        link = f"{prefix}_PORT_{port}_TCP"
        found |= {link: f"tcp://127.0.0.1:{own}", f"{link}_PROTO": "tcp"}
        found |= {f"{link}_PORT": str(own), f"{link}_ADDR": "127.0.0.1"}
    return found
