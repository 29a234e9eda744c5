"""A lease has one holder, its fence grows with each one, and whoever lost it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from hummingbird.clients.cluster import Cluster
from hummingbird.clients.retrying import Retrying
from hummingbird.core.errors import Conflict
from unit.clients.kube import cluster
from unit.clients.misbehaving import Behaviour, Server, drops, says

NAME = "deploy-dev"


class LeaseServer:
    """Keeps one Lease by the API server's rules of resourceVersion."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.before_write: list[Behaviour] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        received = SERVERS[id(handler.server)][-1]
        if received.method == "GET":
            answer = says(404, {"kind": "Status"}) if self.lease is None else says(200, self.lease)
            answer(handler)
            return
        document = json.loads(received.body)
        if self.before_write:
            self.before_write.pop(0)(handler)
            return
        same = self.lease is None or document["metadata"].get("resourceVersion") == str(self.version)
        if (received.method == "POST") == (self.lease is not None) or not same:
            says(409, {"kind": "Status", "message": "the object has been modified"})(handler)
            return
        self.write(document)
        says(200, self.lease)(handler)

    def write(self, document: dict[str, Any]) -> None:
        self.version += 1
        self.lease = {**document, "metadata": {"name": NAME, "resourceVersion": str(self.version)}}


SERVERS: dict[int, Any] = {}


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(server: Server) -> LeaseServer:
    state = LeaseServer()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        SERVERS[id(handler.server)] = server.received
        state(handler)

    server.does(behave)
    return state


@pytest.fixture
def dev(server: Server, retrying: Retrying, clock: Clock, leases: LeaseServer) -> Iterator[Cluster]:
    made = cluster(server.url, retrying, now=clock)
    yield made
    made.close()


def test_a_free_lease_is_taken(dev: Cluster, leases: LeaseServer) -> None:
    held = dev.leases.acquire(NAME, "job-1", 60)
    assert (held.holder, held.fence) == ("job-1", 1)
    assert leases.lease is not None
    assert leases.lease["spec"]["holderIdentity"] == "job-1"


def test_a_held_lease_names_its_holder(dev: Cluster) -> None:
    dev.leases.acquire(NAME, "job-1", 60)
    with pytest.raises(Conflict, match="held by job-1 until 2026-01-01T00:01:00"):
        dev.leases.acquire(NAME, "job-2", 60)


def test_the_same_holder_takes_it_again_with_the_same_fence(dev: Cluster) -> None:
    first = dev.leases.acquire(NAME, "job-1", 60)
    assert dev.leases.acquire(NAME, "job-1", 60).fence == first.fence


def test_an_expired_lease_is_taken_over_with_a_higher_fence(dev: Cluster, clock: Clock) -> None:
    old = dev.leases.acquire(NAME, "job-1", 60)
    clock.time += timedelta(seconds=61)
    new = dev.leases.acquire(NAME, "job-2", 60)
    assert new.fence == old.fence + 1
    with pytest.raises(Conflict, match=r"expected holder job-1 \(fence 1\), found job-2 \(fence 2\); stop"):
        dev.leases.renew(old)
    with pytest.raises(Conflict, match="another one is at work"):
        dev.leases.release(old)


def test_a_renewed_lease_lasts_longer(dev: Cluster, clock: Clock) -> None:
    held = dev.leases.acquire(NAME, "job-1", 60)
    clock.time += timedelta(seconds=50)
    dev.leases.renew(held)
    clock.time += timedelta(seconds=50)
    with pytest.raises(Conflict, match="held by job-1"):
        dev.leases.acquire(NAME, "job-2", 60)


def test_a_released_lease_is_free_and_the_fence_still_grows(dev: Cluster) -> None:
    held = dev.leases.acquire(NAME, "job-1", 60)
    dev.leases.release(held)
    assert dev.leases.acquire(NAME, "job-2", 60).fence == 2


def test_of_two_who_race_one_gets_it(dev: Cluster, leases: LeaseServer) -> None:
    def other_was_faster(handler: BaseHTTPRequestHandler) -> None:
        leases.write(
            {
                "kind": "Lease",
                "spec": {
                    "holderIdentity": "job-2",
                    "leaseDurationSeconds": 60,
                    "renewTime": "2026-01-01T00:00:00.000000Z",
                    "leaseTransitions": 1,
                },
            }
        )
        says(409, {"kind": "Status", "message": "exists"})(handler)

    leases.before_write.append(other_was_faster)
    with pytest.raises(Conflict, match="held by job-2"):
        dev.leases.acquire(NAME, "job-1", 60)


def test_a_write_whose_answer_was_lost_is_still_ours(
    dev: Cluster, leases: LeaseServer, server: Server
) -> None:
    def acts_and_drops(handler: BaseHTTPRequestHandler) -> None:
        leases.write(json.loads(server.received[-1].body))
        drops(handler)

    leases.before_write.append(acts_and_drops)
    assert dev.leases.acquire(NAME, "job-1", 60).holder == "job-1"
