"""Who may do what: the roles every cluster is seeded with, and the question each request answers.

The roles are data here, not objects of the API: the sandbox does not serve rbac.authorization.k8s.io.
`airflow` and the deployer have what docs/production/rbac-*.yaml gives them, and a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.catalog import clusters
from sandbox.clusters.access import NAMESPACE

_READ = ("get", "list", "watch")


@dataclass(frozen=True)
class Rule:
    """Verbs on resources (`pods`, `pods/log`, `deployments.apps`); namespace None means everywhere."""

    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    namespace: str | None


@dataclass(frozen=True)
class User:
    """Whom a token stands for."""

    name: str
    groups: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def is_master(self) -> bool:
        """Whether no rule is asked."""
        return "system:masters" in self.groups

    def may(self, verb: str, resource: str, namespace: str | None) -> bool:
        """Whether a rule allows the verb; `resource` is `plural[.group][/subresource]`."""
        return self.is_master or any(
            verb in rule.verbs
            and (resource in rule.resources or "*" in rule.resources)
            and rule.namespace in {None, namespace}
            for rule in self.rules
        )


def _airflow(namespace: str) -> tuple[Rule, ...]:
    return (
        Rule(("pods",), ("get", "list", "create", "delete"), namespace),
        Rule(("pods/log",), ("get",), namespace),
        Rule(("events",), ("list",), namespace),
    )


def _deployer(namespace: str) -> tuple[Rule, ...]:
    return (
        Rule(("deployments.apps",), ("get", "watch", "create", "patch"), namespace),
        Rule(("services", "configmaps"), ("create", "patch"), namespace),
        Rule(("pods", "events"), ("list",), namespace),
        Rule(("pods/log",), ("get",), namespace),
        Rule(("services/proxy",), ("get",), namespace),
        Rule(("leases.coordination.k8s.io",), ("get", "create", "update"), namespace),
    )


_OPERATIONS = (
    Rule(
        (
            *("namespaces", "pods", "pods/log", "events", "configmaps", "services", "serviceaccounts"),
            *("deployments.apps", "deployments.apps/status", "deployments.apps/scale", "replicasets.apps"),
            "leases.coordination.k8s.io",
        ),
        _READ,
        None,
    ),
    Rule(("pods",), ("delete",), None),
)

SEEDED = {
    name: ("default", "airflow", entry.service_account, "operations") for name, entry in clusters().items()
}
"""ServiceAccounts in a cluster's own namespace."""


def rules_of(cluster: str, namespace: str, serviceaccount: str) -> tuple[Rule, ...]:
    """The rules bound to a ServiceAccount; none for one that the seed does not know."""
    if namespace != NAMESPACE[cluster] or serviceaccount not in SEEDED[cluster]:
        return ()
    if serviceaccount == "airflow":
        return _airflow(namespace)
    if serviceaccount == clusters()[cluster].service_account:
        return () if clusters()[cluster].is_tooling else _deployer(namespace)
    return _OPERATIONS if serviceaccount == "operations" else ()
