"""One Kubernetes cluster's namespace: apply, read back, watch, lock, ask a service through the API server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kubernetes.client import ApiClient, Configuration
from kubernetes.config import ConfigException, new_client_from_config_dict
from kubernetes.config.incluster_config import InClusterConfigLoader

from hummingbird.clients.cluster_calls import ClusterCalls
from hummingbird.clients.lease import Leases
from hummingbird.clients.pod_state import PodState, pod_state, why_not_ready
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.rollout import Rollout, RolloutWatch
from hummingbird.core.errors import Invalid

FIELD_MANAGER = "hummingbird"
_FOLDERS = {
    "Deployment": ("apps/v1", "/apis/apps/v1/namespaces/{}/deployments"),
    "ReplicaSet": ("apps/v1", "/apis/apps/v1/namespaces/{}/replicasets"),
    "Service": ("v1", "/api/v1/namespaces/{}/services"),
    "ConfigMap": ("v1", "/api/v1/namespaces/{}/configmaps"),
    "Pod": ("v1", "/api/v1/namespaces/{}/pods"),
    "Event": ("v1", "/api/v1/namespaces/{}/events"),
}
_APPLIED = frozenset({"Deployment", "Service", "ConfigMap"})


class Cluster:
    """A namespace of a cluster, as one account; made by `from_kubeconfig` or `in_pod`."""

    def __init__(
        self,
        api: ApiClient,
        name: str,
        namespace: str,
        *,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.namespace = namespace
        self._calls = ClusterCalls(api, name, limits=limits, retrying=retrying)
        self.leases = Leases(self._calls, namespace, now)

    @classmethod
    def from_kubeconfig(
        cls, document: dict[str, Any], name: str, namespace: str, *, context: str | None = None, **ports: Any
    ) -> Cluster:
        """From a kubeconfig as a document; Invalid when it names no usable cluster."""
        try:
            api = new_client_from_config_dict(document, context=context, persist_config=False)
        except (ConfigException, TypeError, KeyError) as error:
            raise Invalid(
                f"cluster {name}: kube_config: {error}; give a kubeconfig with one context"
            ) from error
        return cls(api, name, namespace, **ports)

    @classmethod
    def in_pod(
        cls,
        name: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        namespace: str | None = None,
        **ports: Any,
    ) -> Cluster:
        """From a pod's ServiceAccount folder (token, ca.crt, namespace) and KUBERNETES_SERVICE_HOST/PORT."""
        configuration = Configuration()
        loader = InClusterConfigLoader(
            token_filename=str(folder / "token"),
            cert_filename=str(folder / "ca.crt"),
            environ=os.environ if environment is None else environment,
        )
        try:
            loader.load_and_set(configuration)
            own = namespace or (folder / "namespace").read_text("utf-8").strip()
        except (ConfigException, OSError) as error:
            raise Invalid(
                f"cluster {name}: {folder}: {error}; the pod needs a mounted ServiceAccount"
            ) from error
        return cls(ApiClient(configuration), name, own, **ports)

    def close(self) -> None:
        """Close all connections."""
        self._calls.close()

    def apply(self, manifest: Mapping[str, Any], version: str | None = None) -> dict[str, Any]:
        """Server-side apply of a Deployment, Service or ConfigMap as `hummingbird`, taking fields over.

        The same manifest again changes nothing. Returns what the server made of it; Invalid for other kinds.
        With `version` only onto the object of that resourceVersion: Conflict when it was written since.
        """
        kind, name = str(manifest.get("kind")), str((manifest.get("metadata") or {}).get("name"))
        if kind not in _APPLIED or manifest.get("apiVersion") != _FOLDERS[kind][0]:
            raise Invalid(f"manifest: kind {kind} {manifest.get('apiVersion')}: expected {sorted(_APPLIED)}")
        return self._calls.document(
            "PATCH",
            self._path(kind, name),
            about=f"{kind} {name}",
            params={"fieldManager": FIELD_MANAGER, "force": "true"},
            document=_onto(version, manifest),
            content_type="application/apply-patch+yaml",
            again=True,
        )

    def deployment(self, name: str) -> dict[str, Any]:
        """A Deployment; NotFound when missing."""
        return self._read("Deployment", name)

    def deployments(self) -> list[dict[str, Any]]:
        """All Deployments of the namespace, whoever made them."""
        return self._list("Deployment")

    def service(self, name: str) -> dict[str, Any]:
        """A Service; NotFound when missing."""
        return self._read("Service", name)

    def config_map(self, name: str) -> dict[str, str]:
        """A ConfigMap's data; NotFound when missing."""
        return dict(self._read("ConfigMap", name).get("data") or {})

    def replica_sets(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """ReplicaSets with these labels."""
        return self._list("ReplicaSet", labelSelector=_selector(labels))

    def pods(self, labels: Mapping[str, str]) -> list[PodState]:
        """Pods with these labels, those that are leaving included."""
        return [pod_state(pod) for pod in self._list("Pod", labelSelector=_selector(labels))]

    def why_not_ready(self, labels: Mapping[str, str]) -> list[str]:
        """A sentence for each pod with these labels that is neither ready nor leaving."""
        sentences = []
        for pod in self._list("Pod", labelSelector=_selector(labels)):
            state = pod_state(pod)
            if not state.ready and not state.leaving:
                about = f"involvedObject.name={state.name},involvedObject.kind=Pod"
                sentences.append(why_not_ready(pod, self._list("Event", fieldSelector=about)))
        return sentences

    def rollout(self, name: str, seconds: float) -> Rollout:
        """Wait by watch until a Deployment's rollout is done or failed, LATE after `seconds`."""
        return RolloutWatch(self._calls, self._folder("Deployment"), name).until(seconds)

    def log_tail(self, pod: str, lines: int) -> str:
        """The last lines of a pod's only container, at most 16 KiB; NotFound when the pod is gone."""
        path = f"{self._path('Pod', pod)}/log"
        asked = {"tailLines": lines, "limitBytes": 16384}
        content = self._calls.call("GET", path, about=f"log of pod {pod}", params=asked)
        return content.decode("utf-8", "replace")

    def service_get(self, service: str, port: int | str, path: str) -> bytes:
        """GET a path of a service through the API server's proxy; an error status of the service raises."""
        name = quote(f"{service}:{port}", safe=":")
        asked = f"{self._folder('Service')}/{name}/proxy/{path.lstrip('/')}"
        return self._calls.call("GET", asked, about=f"{path} of service {service}")

    def _read(self, kind: str, name: str) -> dict[str, Any]:
        return self._calls.document("GET", self._path(kind, name), about=f"{kind} {name}")

    def _list(self, kind: str, **selectors: str) -> list[dict[str, Any]]:
        about = f"{kind} list of {self.namespace}"
        found = self._calls.document("GET", self._folder(kind), about=about, params=selectors)
        return list(found.get("items") or [])

    def _path(self, kind: str, name: str) -> str:
        return f"{self._folder(kind)}/{quote(name, safe='')}"

    def _folder(self, kind: str) -> str:
        return _FOLDERS[kind][1].format(quote(self.namespace, safe=""))


def _selector(labels: Mapping[str, str]) -> str:
    if not labels:
        raise Invalid("labels: at least one is needed, else every pod of the namespace would be meant")
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _onto(version: str | None, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest as it applies to one version of the object alone."""
    if version is None:
        return dict(manifest)
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}
