"""The kinds of objects a sandbox cluster serves, and how each is named on the wire."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """One kind: its group, its names, and whether it has /status and /scale."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    status: bool = False
    scale: bool = False

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`pods` or `deployments.apps`, as error messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False, short=("ns",), status=True)
PODS = Resource("", "v1", "pods", "Pod", short=("po",), status=True)
EVENTS = Resource("", "v1", "events", "Event", short=("ev",))
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap", short=("cm",))
SECRETS = Resource("", "v1", "secrets", "Secret")
SERVICES = Resource("", "v1", "services", "Service", short=("svc",), status=True)
SERVICE_ACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount", short=("sa",))
DEPLOYMENTS = Resource("apps", "v1", "deployments", "Deployment", short=("deploy",), status=True, scale=True)
REPLICA_SETS = Resource("apps", "v1", "replicasets", "ReplicaSet", short=("rs",), status=True)
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease")
ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)

STORED = (
    NAMESPACES,
    PODS,
    EVENTS,
    CONFIG_MAPS,
    SECRETS,
    SERVICES,
    SERVICE_ACCOUNTS,
    DEPLOYMENTS,
    REPLICA_SETS,
    LEASES,
)
ALL = (*STORED, ACCESS_REVIEWS)
BY_PATH = {(each.group, each.version, each.plural): each for each in ALL}
