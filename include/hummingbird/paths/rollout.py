"""How a run leaves the clusters of an environment: ok, failed or unknown, by what their pods reported."""

from __future__ import annotations

from collections.abc import Mapping

from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.deployment import GOOD, ClusterState, DeployOutcome, Standing
from hummingbird.core.environment import Environment
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.outcome import Outcome
from hummingbird.core.plan import Plan
from hummingbird.core.ports import Notary, Tracker
from hummingbird.core.record import Record
from hummingbird.paths.running import clusters_running, report_of
from hummingbird.paths.runs import run_name

REPORTED = (
    EventKind.DEPLOYMENT_FINISHED,
    EventKind.DEPLOYMENT_ROLLED_BACK,
    EventKind.DEPLOYMENT_FAILED,
)


class Rollout(Record):
    """The standings of a run's clusters in wave order, and what that means for the run."""

    environment: str
    operation: str
    path: str
    """The path to start again for what is missing."""
    standings: list[Standing]

    @property
    def complete(self) -> bool:
        """Whether every cluster is as the run was asked to make it."""
        return all(standing.state is ClusterState.OK for standing in self.standings)

    @property
    def outcome(self) -> Outcome:
        """REFUSED when all that is missing did not serve; BROKEN when something is unknown."""
        if self.complete:
            return Outcome.DONE
        unknown = [s for s in self.standings if s.begun and s.state is ClusterState.UNKNOWN]
        return Outcome.BROKEN if unknown else Outcome.REFUSED

    @property
    def sentence(self) -> str:
        """Each cluster's state; what is partial says so, and how to bring the rest."""
        told = "; ".join(_told(standing) for standing in self.standings)
        some = any(standing.state is ClusterState.OK for standing in self.standings)
        if self.complete or not some:
            return told
        return f"partial: {told}; start {self.path} again to bring only the missing"


def standings(
    notary: Notary,
    plan: Plan,
    bundle: Bundle,
    stage: Environment,
    whys: Mapping[str, str],
) -> list[Standing]:
    """Every cluster of the run, from the ledger; `whys` explains those that no pod reported from.

    A deployment is about all clusters of the environment: those that ran the bundle before are ok.
    """
    rollback = plan.dag_id == "rollback"
    about = plan.clusters or stage.clusters
    before = [] if rollback else clusters_running(notary, bundle, stage.clusters)
    found = []
    for cluster in about if rollback else stage.clusters:
        last = _last_report(notary, plan, cluster)
        if last is not None:
            found.append(_reported(cluster, last))
        elif cluster in before:
            found.append(Standing(cluster=cluster, state=ClusterState.OK, why="it ran this bundle already"))
        else:
            why = whys.get(cluster, "no report came from there")
            found.append(Standing(cluster=cluster, state=ClusterState.UNKNOWN, why=why))
    return found


def after_first_wave(found: list[Standing], first: list[str], later: list[str]) -> list[Standing]:
    """The same; where the first wave does not serve, the later clusters were knowingly not started."""
    if all(standing.state is ClusterState.OK for standing in found if standing.cluster in first):
        return found
    return [
        standing.model_copy(update={"begun": False, "why": f"{', '.join(first)} did not come to serve"})
        if standing.cluster in later and standing.state is ClusterState.UNKNOWN
        else standing
        for standing in found
    ]


def reported_job(notary: Notary, run: str, cluster: str) -> str | None:
    """The job whose report of this run and cluster is in the ledger: nothing is left to do there."""
    told = [r for r in notary.events(kinds=REPORTED, run=run, cluster=cluster) if "report" in r.event.data]
    return told[-1].event.actor.removeprefix("job:") if told else None


def conclude_rollout(notary: Notary, plan: Plan, sha256: str, rollout: Rollout) -> None:
    """Write the standings to the ledger: once for each way a run left them."""
    run = run_name(plan.dag_id, plan.run_id)
    data = {
        "operation": rollout.operation,
        "sentence": rollout.sentence,
        "clusters": [standing.document() for standing in rollout.standings],
    }
    notary.append(
        DeliveryEvent(
            kind=EventKind.ROLLOUT_CONCLUDED,
            key=f"rollout:{run}:{sha256_hex(rollout.sentence.encode())[:12]}",
            subject=sha256,
            story=plan.story.key,
            bundle=sha256,
            environment=rollout.environment,
            run=run,
            actor="platform",
            data=data,
        )
    )


def tell_rollout(tracker: Tracker, plan: Plan, rollout: Rollout) -> None:
    """One comment on the story for a run that did not reach every cluster."""
    if rollout.complete:
        return
    run = run_name(plan.dag_id, plan.run_id)
    text = f"{rollout.operation} in {rollout.environment} by {run}: {rollout.outcome}: {rollout.sentence}"
    tracker.comment_once(plan.story.key, f"hummingbird:rollout:{run}", text)


def _last_report(notary: Notary, plan: Plan, cluster: str) -> RecordedEvent | None:
    run = run_name(plan.dag_id, plan.run_id)
    return next(iter(reversed(notary.events(kinds=REPORTED, run=run, cluster=cluster))), None)


def _reported(cluster: str, recorded: RecordedEvent) -> Standing:
    if "report" not in recorded.event.data:
        return Standing(cluster=cluster, state=ClusterState.UNKNOWN, why="its pod was lost")
    report = report_of(recorded)
    if report.outcome in GOOD:
        return Standing(cluster=cluster, state=ClusterState.OK, why=report.reason)
    word = report.outcome.value.replace("_", " ")
    needed = "; a person is needed" if report.outcome is DeployOutcome.FAILED else ""
    return Standing(cluster=cluster, state=ClusterState.FAILED, why=f"{word}, {report.reason}{needed}")


def _told(standing: Standing) -> str:
    if standing.state is ClusterState.OK:
        return f"{standing.cluster} ok"
    if not standing.begun:
        return f"{standing.cluster} not started"
    if standing.state is ClusterState.FAILED:
        return f"{standing.cluster}: {standing.why}"
    return f"{standing.cluster} unknown ({standing.why})"
