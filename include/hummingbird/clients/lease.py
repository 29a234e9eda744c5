"""A Kubernetes Lease as a lock with a fencing token: one holder, and a number that grows with each holder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from hummingbird.clients.cluster_calls import ClusterCalls
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.core.record import Record

_RACES = 3


class Held(Record):
    """A lease in our hands; `fence` (leaseTransitions) tells an old holder's writes from a new one's."""

    name: str
    holder: str
    fence: int
    seconds: int
    version: str


class Leases:
    """Leases of one namespace; `now` is the clock that expiry is judged by."""

    def __init__(self, calls: ClusterCalls, namespace: str, now: Callable[[], datetime]) -> None:
        self._calls = calls
        self._folder = f"/apis/coordination.k8s.io/v1/namespaces/{quote(namespace, safe='')}/leases"
        self._namespace = namespace
        self._now = now

    def acquire(self, name: str, holder: str, seconds: int) -> Held:
        """Take the lease, or renew it when it is ours; Conflict names who holds it and until when."""
        for _ in range(_RACES):
            try:
                return self._try(name, holder, seconds)
            except _Raced:
                continue
        raise Conflict(
            f"cluster {self._calls.name}: lease {name}: others took it each time we tried; try later"
        )

    def renew(self, held: Held) -> Held:
        """Hold on for another period; Conflict when the lease is somebody else's by now."""
        present = self._mine(held)
        return self._write(held, self._spec(held, present["spec"]), present)

    def release(self, held: Held) -> None:
        """Give the lease back; nothing when it is gone, Conflict when it is somebody else's by now."""
        try:
            present = self._mine(held)
        except NotFound:
            return
        self._write(held, {**self._spec(held, present["spec"]), "holderIdentity": ""}, present)

    def _try(self, name: str, holder: str, seconds: int) -> Held:
        wanted = Held(name=name, holder=holder, fence=1, seconds=seconds, version="")
        try:
            present = self._read(name)
        except NotFound:
            return self._create(wanted)
        spec = present.get("spec") or {}
        fence = int(spec.get("leaseTransitions") or 0)
        other = spec.get("holderIdentity") or ""
        if other == holder:
            wanted = wanted.model_copy(update={"fence": fence})
            return self._write(wanted, self._spec(wanted, spec), present, raced=True)
        until = _until(spec)
        if other and (until is None or until > self._now()):
            raise Conflict(
                f"cluster {self._calls.name}: lease {name} in {self._namespace}: held by {other} "
                f"until {until.isoformat(timespec='seconds') if until else 'it is released'}; wait for that"
            )
        wanted = wanted.model_copy(update={"fence": fence + 1})
        fresh = {**self._spec(wanted, {}), "acquireTime": _time(self._now())}
        return self._write(wanted, fresh, present, raced=True)

    def _create(self, wanted: Held) -> Held:
        document = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": wanted.name, "namespace": self._namespace},
            "spec": {**self._spec(wanted, {}), "acquireTime": _time(self._now())},
        }
        try:
            made = self._calls.document(
                "POST", self._folder, about=f"lease {wanted.name}", document=document, again=True
            )
        except Conflict as error:
            raise _Raced from error
        return wanted.model_copy(update={"version": made["metadata"]["resourceVersion"]})

    def _write(self, held: Held, spec: dict[str, Any], present: dict[str, Any], raced: bool = False) -> Held:
        document = {**present, "spec": spec}
        try:
            written = self._calls.document(
                "PUT", f"{self._folder}/{held.name}", about=f"lease {held.name}", document=document
            )
        except Conflict as error:
            if raced:
                raise _Raced from error
            self._mine(held)  # says who has it; a lost answer to our own write leaves it ours
            raise
        return held.model_copy(update={"version": written["metadata"]["resourceVersion"]})

    def _mine(self, held: Held) -> dict[str, Any]:
        present = self._read(held.name)
        spec = present.get("spec") or {}
        holder, fence = spec.get("holderIdentity") or "nobody", int(spec.get("leaseTransitions") or 0)
        if holder != held.holder or fence != held.fence:
            raise Conflict(
                f"cluster {self._calls.name}: lease {held.name}: expected holder {held.holder} "
                f"(fence {held.fence}), found {holder} (fence {fence}); stop, another one is at work"
            )
        return present

    def _read(self, name: str) -> dict[str, Any]:
        return self._calls.document("GET", f"{self._folder}/{name}", about=f"lease {name}")

    def _spec(self, held: Held, before: dict[str, Any]) -> dict[str, Any]:
        return {
            **before,
            "holderIdentity": held.holder,
            "leaseDurationSeconds": held.seconds,
            "leaseTransitions": held.fence,
            "renewTime": _time(self._now()),
        }


class _Raced(Exception):
    """Another one wrote the lease between our read and our write."""


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _until(spec: dict[str, Any]) -> datetime | None:
    renewed, seconds = spec.get("renewTime"), spec.get("leaseDurationSeconds")
    if not renewed or not seconds:
        return None
    return datetime.fromisoformat(renewed) + timedelta(seconds=int(seconds))
