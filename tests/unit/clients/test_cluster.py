"""What the cluster client asks of an API server, and what it makes of odd answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hummingbird.clients.cluster import Cluster
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.rollout import Progress, rollout_of
from hummingbird.core.errors import (
    Conflict,
    Denied,
    Garbled,
    Invalid,
    NotFound,
    Overloaded,
    Unreachable,
)
from unit.clients.kube import cluster, deployment, event, failed_deployment, kubeconfig, streams
from unit.clients.misbehaving import Behaviour, Server, drops, says, sends, serving, truncates
from unit.clients.sleeper import Sleeper

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "委托"}}
POD = {
    "metadata": {"name": "web-1-x", "uid": "u1", "labels": {"app": "web", "pod-template-hash": "1"}},
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [
            {"name": "web", "ready": True, "imageID": "registry.example/web@sha256:" + "a" * 64}
        ],
    },
}


@pytest.fixture
def dev(server: Server, retrying: Retrying) -> Iterator[Cluster]:
    made = cluster(server.url, retrying)
    yield made
    made.close()


def test_apply_takes_the_fields_over_as_hummingbird(dev: Cluster, server: Server) -> None:
    server.does(says(200, CONFIG_MAP))
    dev.apply(CONFIG_MAP)
    asked = server.received[0]
    assert (asked.method, urlsplit(asked.path).path) == ("PATCH", "/api/v1/namespaces/trading/configmaps/web")
    assert parse_qs(urlsplit(asked.path).query) == {"fieldManager": ["hummingbird"], "force": ["true"]}
    assert asked.headers["Content-Type"] == "application/apply-patch+yaml"
    assert asked.headers["authorization"] == "Bearer s3cret"
    assert asked.json == CONFIG_MAP


def test_an_apply_whose_answer_was_lost_is_sent_again(dev: Cluster, server: Server) -> None:
    server.does(drops, says(200, CONFIG_MAP))
    dev.apply(CONFIG_MAP)
    assert len(server.received) == 2


@pytest.mark.parametrize("kind", ["Secret", "ClusterRole", "Pod"])
def test_other_kinds_are_not_applied(dev: Cluster, server: Server, kind: str) -> None:
    with pytest.raises(Invalid, match=kind):
        dev.apply({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}})
    assert server.received == []


def test_a_missing_deployment_is_not_found(dev: Cluster, server: Server) -> None:
    server.does(says(404, {"kind": "Status", "message": 'deployments.apps "web" not found'}))
    with pytest.raises(NotFound, match=r'cluster dev: GET .* found 404 .*"web" not found'):
        dev.deployment("web")


@pytest.mark.parametrize(("status", "kind"), [(401, Denied), (403, Denied), (409, Conflict), (422, Invalid)])
def test_a_refusal_is_translated(dev: Cluster, server: Server, status: int, kind: type[Exception]) -> None:
    server.does(says(status, {"kind": "Status", "message": "because"}))
    with pytest.raises(kind, match="because") as raised:
        dev.apply(CONFIG_MAP)
    assert "s3cret" not in str(raised.value)


def test_throttling_is_waited_for(dev: Cluster, server: Server, sleeper: Sleeper) -> None:
    server.does(says(429, {"kind": "Status"}, Retry_After="3"), says(200, deployment()))
    dev.deployment("web")
    assert sleeper.slept == [3.15]


def test_throttling_without_end_is_overloaded(dev: Cluster, server: Server) -> None:
    server.does(says(503, {"kind": "Status"}))
    with pytest.raises(Overloaded):
        dev.deployment("web")


@pytest.mark.parametrize(
    "broken", [truncates, sends(200, b"<html>"), says(200, ["no"]), says(200, {"ok": True})]
)
def test_an_answer_that_is_no_object_is_garbled(dev: Cluster, server: Server, broken: Behaviour) -> None:
    server.does(broken)
    with pytest.raises(Garbled):
        dev.deployment("web")


def test_a_redirect_is_not_followed(dev: Cluster, server: Server) -> None:
    with serving() as other:
        server.does(says(302, Location=f"{other.url}/x"))
        with pytest.raises(Invalid):
            dev.deployment("web")
        assert other.received == []


def test_a_cluster_that_is_gone_is_unreachable(retrying: Retrying) -> None:
    with serving() as gone:
        url = gone.url
    away = cluster(url, retrying)
    with pytest.raises(Unreachable, match="no connection"):
        away.deployment("web")
    away.close()


def test_pods_tell_the_digest_that_runs(dev: Cluster, server: Server) -> None:
    server.does(says(200, {"kind": "PodList", "metadata": {}, "items": [POD]}))
    (pod,) = dev.pods({"app": "web"})
    assert (pod.ready, pod.leaving, pod.template) == (True, False, "1")
    assert pod.digests == {"web": "sha256:" + "a" * 64}
    assert parse_qs(urlsplit(server.received[0].path).query) == {"labelSelector": ["app=web"]}


def test_no_labels_would_mean_every_pod_and_are_refused(dev: Cluster) -> None:
    with pytest.raises(Invalid, match="labels"):
        dev.pods({})


def test_a_service_is_asked_through_the_proxy_with_its_query(dev: Cluster, server: Server) -> None:
    server.does(sends(200, b'{"status":"ok"}', Content_Type="text/plain"))
    assert dev.service_get("web", 8080, "/orders/health?deep=1") == b'{"status":"ok"}'
    expected = "/api/v1/namespaces/trading/services/web:8080/proxy/orders/health?deep=1"
    assert server.received[0].path == expected


def test_a_service_without_a_pod_is_overloaded(dev: Cluster, server: Server) -> None:
    server.does(says(503, {"kind": "Status", "message": 'no endpoints available for service "web"'}))
    with pytest.raises(Overloaded, match="no endpoints"):
        dev.service_get("web", 8080, "/health")


@pytest.mark.parametrize(
    ("document", "progress", "why"),
    [
        (deployment(observed=1, updated=2, total=2, ready=2), Progress.UNDER_WAY, "not taken up"),
        (deployment(updated=1, total=2, ready=1), Progress.UNDER_WAY, "1 of 2 new pods exist"),
        (deployment(updated=2, total=3, ready=2), Progress.UNDER_WAY, "1 old pods"),
        (deployment(updated=2, total=2, ready=1), Progress.UNDER_WAY, "1 of 2 new pods are available"),
        (deployment(updated=2, total=2, ready=2), Progress.DONE, "2 of 2"),
        (failed_deployment(), Progress.FAILED, "timed out progressing"),
    ],
)
def test_a_rollout_is_judged_as_kubectl_does(
    document: dict[str, object], progress: Progress, why: str
) -> None:
    found = rollout_of(document)
    assert found.progress is progress
    assert why in found.why


def test_a_rollout_is_followed_by_watch(dev: Cluster, server: Server, sleeper: Sleeper) -> None:
    middle = event("MODIFIED", deployment(updated=2, total=3, ready=1))
    done = event("MODIFIED", deployment(updated=2, total=2, ready=2))
    server.does(says(200, deployment()), streams(middle + done[:10], done[10:]))
    assert dev.rollout("web", 60).progress is Progress.DONE
    query = parse_qs(urlsplit(server.received[1].path).query)
    assert query["fieldSelector"] == ["metadata.name=web"]
    assert query["resourceVersion"] == ["7"]
    assert int(query["timeoutSeconds"][0]) <= 60
    assert sleeper.slept == []


def test_a_watch_that_is_too_old_reads_anew(dev: Cluster, server: Server) -> None:
    gone = event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"})
    server.does(says(200, deployment()), streams(gone), says(200, deployment(updated=2, total=2, ready=2)))
    assert dev.rollout("web", 60).progress is Progress.DONE


def test_a_410_before_the_watch_reads_anew(dev: Cluster, server: Server) -> None:
    server.does(
        says(200, deployment()),
        says(410, {"kind": "Status", "reason": "Expired"}),
        says(200, deployment(updated=2, total=2, ready=2)),
    )
    assert dev.rollout("web", 60).progress is Progress.DONE


@pytest.mark.parametrize(
    "cut", [streams(ends=False), streams(), streams(b'{"type": "MODI', ends=True), drops]
)
def test_a_watch_that_breaks_off_misses_no_end(dev: Cluster, server: Server, cut: Behaviour) -> None:
    server.does(says(200, deployment()), cut, says(200, failed_deployment()))
    found = dev.rollout("web", 60)
    assert found.progress is Progress.FAILED


def test_a_watch_that_ends_at_once_again_and_again_is_not_a_busy_loop(
    dev: Cluster, server: Server, sleeper: Sleeper
) -> None:
    rounds = [says(200, deployment()), streams()] * 4
    server.does(*rounds, says(200, deployment(updated=2, total=2, ready=2)))
    assert dev.rollout("web", 60).progress is Progress.DONE
    assert len(sleeper.slept) == 3


def test_a_rollout_that_takes_too_long_is_late(dev: Cluster, server: Server) -> None:
    server.does(says(200, deployment(updated=1, total=2)))
    found = dev.rollout("web", 0)
    assert found.progress is Progress.LATE
    assert "1 of 2 new pods exist" in found.why


def test_a_deployment_deleted_while_it_rolls_out_is_not_found(dev: Cluster, server: Server) -> None:
    server.does(says(200, deployment()), streams(event("DELETED", deployment())))
    with pytest.raises(NotFound, match="deleted while rolling out"):
        dev.rollout("web", 60)


def test_a_pod_reads_its_service_account(server: Server, retrying: Retrying, tmp_path: Path) -> None:
    import certifi

    (tmp_path / "token").write_text("pod-token")
    (tmp_path / "namespace").write_text("trading\n")
    (tmp_path / "ca.crt").write_bytes(Path(certifi.where()).read_bytes())
    host, port = server.url.removeprefix("http://").split(":")
    environment = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    pod = Cluster.in_pod("dev", tmp_path, environment, retrying=Retrying(attempts=1))
    assert pod.namespace == "trading"
    with pytest.raises(Unreachable):  # the server speaks no TLS
        pod.deployment("web")
    pod.close()


def test_a_pod_without_a_service_account_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="mounted ServiceAccount"):
        Cluster.in_pod("dev", tmp_path, {"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1"})


def test_a_kubeconfig_without_a_context_is_invalid() -> None:
    with pytest.raises(Invalid, match="kube_config"):
        Cluster.from_kubeconfig({**kubeconfig("http://h"), "current-context": "none"}, "dev", "trading")
    with pytest.raises(Invalid, match="kube_config"):
        Cluster.from_kubeconfig({}, "dev", "trading")
