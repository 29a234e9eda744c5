"""What one account may do in a cluster: asked, never tried.

API: `/version`, SelfSubjectAccessReview (authorization.k8s.io/v1), Secrets by name.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from kubernetes.config import ConfigException, new_client_from_config_dict

from hummingbird.clients.cluster_calls import ClusterCalls
from hummingbird.core.errors import Denied, Garbled, Invalid, NotFound

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class ClusterRights:
    """One cluster as one account; closes its connections when used as a context."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        try:
            api = new_client_from_config_dict(document, persist_config=False)
        except (ConfigException, TypeError, KeyError) as error:
            raise Invalid(
                f"cluster {name}: kube_config: {error}; give a kubeconfig with one context"
            ) from error
        self._calls = ClusterCalls(api, name)

    def __enter__(self) -> ClusterRights:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def version(self) -> str:
        """The API server's version."""
        try:
            return str(json.loads(self._calls.call("GET", "/version", about="its version"))["gitVersion"])
        except (ValueError, KeyError, TypeError) as error:
            raise Garbled(f"cluster {self._calls.name}: /version is no API server's answer") from error

    def may(self, namespace: str, resource: str, subresource: str, verb: str) -> bool:
        """Whether the account may; nothing is done."""
        wanted = {"namespace": namespace, "resource": resource, "subresource": subresource, "verb": verb}
        document = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "metadata": {},
            "spec": {"resourceAttributes": wanted},
        }
        told = self._calls.document("POST", REVIEW, about="its rights", document=document, again=True)
        return bool((told.get("status") or {}).get("allowed"))

    def has_secret(self, namespace: str, name: str) -> bool | None:
        """Whether a Secret is there; None when the account may not look, as is right for most."""
        path = f"/api/v1/namespaces/{quote(namespace)}/secrets/{quote(name)}"
        try:
            self._calls.call("GET", path, about=f"Secret {name}")
        except NotFound:
            return False
        except Denied:
            return None
        return True
