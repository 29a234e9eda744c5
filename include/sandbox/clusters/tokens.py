"""From a bearer token to a user. Tokens are the sandbox's secrets `cluster.<cluster>.<serviceaccount>`.

A ServiceAccount made later in another namespace gets `cluster.<cluster>.<namespace>.<serviceaccount>`.
"""

from __future__ import annotations

from sandbox.clusters.access import NAMESPACE, token
from sandbox.clusters.rbac import SEEDED, User, rules_of
from sandbox.clusters.resources import SERVICE_ACCOUNTS
from sandbox.clusters.store import Change, Store
from sandbox.world import World

ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"), ())


class Tokens:
    """The tokens of one cluster, kept in step with its ServiceAccounts."""

    def __init__(self, world: World, cluster: str, store: Store) -> None:
        self._world, self._cluster, self._store = world, cluster, store
        self._users: dict[str, User] = {}

    def start(self) -> None:
        """Learn all tokens and follow the ServiceAccounts; call after seeding."""
        self._users[token(self._world, self._cluster, "admin")] = ADMIN
        for each in self._store.list(SERVICE_ACCOUNTS):
            self._learn(each["metadata"]["namespace"], each["metadata"]["name"])
        self._store.listen(self._follow)

    def user(self, authorization: str | None) -> User | None:
        """The user of an Authorization header, or None when nobody is known by it."""
        kind, _, bearer = (authorization or "").partition(" ")
        return self._users.get(bearer.strip()) if kind.lower() == "bearer" else None

    def token_of(self, namespace: str, serviceaccount: str) -> str:
        """The token that pods of a ServiceAccount are given."""
        own = namespace == NAMESPACE[self._cluster] and serviceaccount in SEEDED[self._cluster]
        return token(self._world, self._cluster, serviceaccount if own else f"{namespace}.{serviceaccount}")

    def _learn(self, namespace: str, name: str) -> None:
        groups = (
            "system:serviceaccounts",
            f"system:serviceaccounts:{namespace}",
            "system:authenticated",
        )
        rules = rules_of(self._cluster, namespace, name)
        user = User(f"system:serviceaccount:{namespace}:{name}", groups, rules)
        self._users[self.token_of(namespace, name)] = user

    def _follow(self, change: Change) -> None:
        if change.kind is not SERVICE_ACCOUNTS:
            return
        meta = change.object["metadata"]
        if change.action == "DELETED":
            self._users.pop(self.token_of(meta["namespace"], meta["name"]), None)
        else:
            self._learn(meta["namespace"], meta["name"])
