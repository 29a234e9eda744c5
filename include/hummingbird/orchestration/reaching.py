"""Whether a cluster's API answers, and an end to waiting for one that does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from kubernetes.client import ApiException, CoreV1Api
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from hummingbird.clients.retrying import Retrying
from hummingbird.core.environment import Cluster
from hummingbird.core.errors import Unreachable

CONNECT_SECONDS, SILENCE_SECONDS = 5.0, 30.0
"""To a connection, and between two bytes of an answer: the longest that one call waits."""


class Patience:
    """Stands before a client's calls: when an API was silent for its cluster's patience, each ends at once.

    The pod operator asks many times, each with retries of its own: without this they would add up to minutes.
    """

    def __init__(
        self, cluster: Cluster, request: Callable[..., Any], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._cluster, self._request, self._monotonic = cluster, request, monotonic
        self._silent_since: float | None = None
        self._why = ""

    def request(self, *args: Any, **more: Any) -> Any:
        """The client's own call, with bounded time-outs; Unreachable when patience is at its end."""
        self._give_up()
        begun = self._monotonic()
        more["_request_timeout"] = _bounded(more.get("_request_timeout"))
        try:
            answer = self._request(*args, **more)
        except HTTPError as error:
            self._silent_since = begun if self._silent_since is None else self._silent_since
            self._why = _in_short(error)
            self._give_up()
            raise
        self._silent_since = None
        return answer

    def _give_up(self) -> None:
        since, most = self._silent_since, self._cluster.patience_seconds
        if since is not None and self._monotonic() - since >= most:
            raise Unreachable(f"{unreachable(self._cluster)}: {self._why}")


def patient(api: CoreV1Api, cluster: Cluster) -> CoreV1Api:
    """The client with the cluster's patience before its calls; made before its first call."""
    rest = api.api_client.rest_client
    rest.pool_manager.connection_pool_kw["retries"] = Retry(0)
    rest.request = Patience(cluster, rest.request).request
    return api


def reach(cluster: Cluster, api: CoreV1Api | None = None) -> None:
    """Return when the cluster's API answers, whatever it says; Unreachable when patience is at its end."""
    client = api or patient(KubernetesHook(conn_id=cluster.connection).core_v1_client, cluster)

    def ask() -> None:
        try:
            client.list_namespaced_pod(cluster.namespace, limit=1)
        except ApiException:
            return  # it answers; what it may refuse is told where the call matters
        except HTTPError as error:
            raise Unreachable(f"{unreachable(cluster)}: {_in_short(error)}") from error

    Retrying(attempts=1000, first=1.0, longest=2.0, patience=float(cluster.patience_seconds)).run(
        ask, again=True
    )


def unreachable(cluster: Cluster) -> str:
    """The beginning of what people read about a cluster that does not answer."""
    return f"{cluster.name} ({cluster.title}) did not answer for {cluster.patience_seconds} s"


def _in_short(error: HTTPError) -> str:
    """The cause without the call that had it: the sentence goes into notes that have little room."""
    cause = getattr(error, "reason", None) or error
    return str(cause).rsplit(": ", 1)[-1].strip("()\"'")[:120]


def _bounded(asked: Any) -> tuple[float, float]:
    connect, read = asked if isinstance(asked, tuple) else (asked, asked)
    return min(connect or CONNECT_SECONDS, CONNECT_SECONDS), min(read or SILENCE_SECONDS, SILENCE_SECONDS)
