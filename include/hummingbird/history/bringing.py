"""Bringing a bundle to clusters: promotion, warrant, deployments, and how the run left each cluster."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hummingbird.core.bundle import BundleComponent
from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.deployment import ClusterState, ComponentState, DeployOutcome, DeployReport, Standing
from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind
from hummingbird.core.warrant import Operation, SignedWarrant, Warrant
from hummingbird.history.deciding import evidence_of, gates
from hummingbird.history.delivery import Delivery
from hummingbird.history.lane import Lane
from hummingbird.history.runs import Run
from hummingbird.history.sealed import Sealed
from hummingbird.paths.rollout import Rollout
from hummingbird.paths.runs import child_run_id

Before = dict[str, dict[str, str | None]]
"""Cluster → component → the bundle that ran there."""


@dataclass
class Bringing:
    """One run that brings a bundle somewhere, or takes it back."""

    way: Delivery
    run: Run
    bundle: Sealed
    environment: Environment
    lanes: list[Lane]
    operation: Operation = Operation.DEPLOY
    approval: str | None = None
    before: Before = field(default_factory=dict)

    def promote(self, at: datetime, *, again: bool = False) -> datetime:
        """The child run that copies images and packages, or finds them copied; when it was done."""
        plan = self.run.plan
        child = self.way.door.admit(
            "promote",
            child_run_id(plan.story.key, plan.dag_id, plan.run_id, "promote"),
            plan.story,
            at,
            components=plan.components,
            requester=plan.requester,
            environment=self.environment.name,
            bundle=self.bundle.sha256,
            parent=self.run.as_parent("promote"),
        )
        done = at + timedelta(seconds=self.way.chance.around(16.0))
        for cluster in [] if again else self.environment.clusters:
            project = self.way.catalogue.clusters[cluster].registry_project
            images = [
                {"repository": f"{project}/{one.name}", "digest": one.image.digest} for one in self._carried
            ]
            packages = [
                {**package.document(), "repository": self.environment.package_repository}
                for one in self._carried
                for package in one.packages
            ]
            self._tell(
                done,
                EventKind.ARTIFACTS_PROMOTED,
                f"promoted:{self.bundle.sha256}:{self.environment.name}:{cluster}",
                self.bundle.sha256,
                "platform",
                {"images": images, "packages": packages},
                cluster,
                run=child.name,
            )
        self.way.door.finish(child, done + timedelta(seconds=4))
        return done + timedelta(seconds=5)

    def permit(self, clusters: list[str], at: datetime) -> Warrant:
        """The gates, all open, and the warrant for the clusters; signed by nobody."""
        gates(
            self.way, self.run, self.bundle, self.environment, self.operation.value, "warrant", at,
            approval=self.approval,
        )  # fmt: skip
        names = [one.name for one in self._carried]
        for cluster in clusters:
            if self.operation is Operation.DEPLOY:
                self.before[cluster] = {lane.name: lane.running.get(cluster) for lane in self.lanes}
            else:
                self.before.setdefault(cluster, dict.fromkeys(names))
        warrant = Warrant(
            id=sha256_hex(f"{self.run.name}/warrant".encode())[:32],
            story=self.bundle.story,
            bundle=self.bundle.sha256,
            evidence=evidence_of(self.bundle, self.environment.name),
            environment=self.environment.name,
            operation=self.operation,
            clusters=clusters,
            predecessors={cluster: self.before[cluster] for cluster in clusters},
            policy_version=self.run.plan.policy_version,
            approval=self.approval,
            issued_at=at,
            expires_at=at + timedelta(hours=1),
        )
        payload = base64.b64encode(canonical_json(warrant.document())).decode("ascii")
        signed = SignedWarrant(payload=payload, signature="synthetic", key_id="synthetic")
        self._tell(
            at + timedelta(milliseconds=18),
            EventKind.WARRANT_ISSUED,
            f"warrant:{warrant.id}",
            warrant.id,
            "notary",
            {"warrant": warrant.document(), "signed": signed.document()},
        )
        return warrant

    def deploy(self, warrant: Warrant, cluster: str, at: datetime, *, fails: str | None = None) -> datetime:
        """One cluster's pod; with a reason to fail it goes back to what ran before. When it was done."""
        job = sha256_hex(f"{self.run.name}/{cluster}".encode())
        began = at + timedelta(seconds=self.way.chance.around(7.0, 0.5))
        done = began + timedelta(seconds=self.way.chance.around(14.0 + (30.0 if fails else 0.0), 0.5))
        self._tell(
            began,
            EventKind.WARRANT_CONSUMED,
            f"consumed:{warrant.id}:{cluster}",
            warrant.id,
            f"job:{job}",
            {"approval": warrant.approval},
            cluster,
        )
        undone = self.operation is Operation.ROLLBACK
        kind = EventKind.DEPLOYMENT_ROLLED_BACK if undone or fails else EventKind.DEPLOYMENT_FINISHED
        report = self._report(warrant, cluster, began, done, fails)
        self._tell(
            done + timedelta(milliseconds=120), kind, f"job:{job}", self.bundle.sha256, f"job:{job}",
            {"report": report.document()}, cluster,
        )  # fmt: skip
        for lane in self.lanes:
            if undone:
                lane.goes_back(cluster, self.before[cluster][lane.name])
            elif fails is None:
                lane.serves(cluster, self.bundle, done)
        return done

    def conclude(self, standings: list[Standing], at: datetime) -> Rollout:
        """How the run left every cluster."""
        rollout = Rollout(
            environment=self.environment.name,
            operation=self.operation.value,
            path=self.run.plan.dag_id,
            standings=standings,
        )
        data = {
            "operation": rollout.operation,
            "sentence": rollout.sentence,
            "clusters": [standing.document() for standing in standings],
        }
        self._tell(
            at,
            EventKind.ROLLOUT_CONCLUDED,
            f"rollout:{self.run.name}:{sha256_hex(rollout.sentence.encode())[:12]}",
            self.bundle.sha256,
            "platform",
            data,
        )
        return rollout

    @property
    def _carried(self) -> list[BundleComponent]:
        return self.bundle.components

    def _report(
        self, warrant: Warrant, cluster: str, began: datetime, done: datetime, fails: str | None
    ) -> DeployReport:
        before = self.before[cluster]
        back = fails is not None or self.operation is Operation.ROLLBACK
        states = [
            ComponentState(
                name=one.name,
                digest=one.image.digest,
                configuration_sha256=one.configuration[self.environment.name].sha256,
            )
            for one in self._carried
        ]
        return DeployReport(
            bundle=self.bundle.sha256,
            environment=self.environment.name,
            cluster=cluster,
            warrant=warrant.id,
            outcome=DeployOutcome.ROLLED_BACK if fails else DeployOutcome.DEPLOYED,
            reason=fails or f"{', '.join(before)} serve with the bundle's digests and configuration",
            components=states,
            predecessor=warrant.predecessor_in(cluster),
            predecessors=before,
            serves=before if back else dict.fromkeys(before, self.bundle.sha256),
            started_at=began,
            finished_at=done,
        )

    def _tell(
        self,
        at: datetime,
        kind: EventKind,
        key: str,
        subject: str,
        actor: str,
        data: dict[str, Any],
        cluster: str | None = None,
        run: str | None = None,
    ) -> None:
        self.way.told.tell(
            at,
            kind,
            key,
            subject,
            actor,
            data,
            story=self.run.story.key,
            bundle=self.bundle.sha256,
            environment=self.environment.name,
            cluster=cluster,
            run=run or self.run.name,
        )


def ok(cluster: str, names: list[str]) -> Standing:
    """A cluster as it was asked to be."""
    why = f"{', '.join(names)} serve with the bundle's digests and configuration"
    return Standing(cluster=cluster, state=ClusterState.OK, why=why)
