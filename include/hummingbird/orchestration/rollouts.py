"""A run over several clusters: which come first, how each was left, what that makes of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow.sdk import get_current_context

from hummingbird.core.deployment import ClusterState
from hummingbird.core.environment import WhenUnreachable
from hummingbird.core.errors import Unreachable
from hummingbird.core.outcome import Outcome
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import run_url
from hummingbird.orchestration.outcome import XCOM_KEY
from hummingbird.orchestration.reaching import reach
from hummingbird.orchestration.refusal import Ended, Refused
from hummingbird.paths import feedback, jobs, lineage
from hummingbird.paths.rollout import Rollout, after_first_wave, conclude_rollout, standings, tell_rollout

Pods = Mapping[str, list[str]]
"""Task id of the pods → their clusters, in map order."""


def operation_of(plan: Plan) -> str:
    """What a run does to its bundle."""
    return "rollback" if plan.dag_id == "rollback" else "deploy"


def read_lineage(plan: Plan) -> None:
    """Have the ledger know how the bundle stands to what runs; a rollback is meant to bring what is older."""
    if operation_of(plan) == "rollback":
        return
    catalogue, notary = wiring.catalogue(), wiring.notary()
    stage = catalogue.environment(str(plan.environment))
    bundle = notary.bundle(current.bundle_sha256())
    about = plan.clusters or stage.clusters
    lineage.record_lineage(catalogue, wiring.code_host(), notary, bundle, about, current.name())


def permitted_waves(*, in_waves: bool) -> tuple[list[str], list[str]]:
    """The warrant's clusters: those that come first, and those that wait for them."""
    warrant = jobs.open_warrant(jobs.warrant_of(wiring.notary(), current.name()))
    if not in_waves:
        return warrant.clusters, []
    waves = wiring.catalogue().environment(warrant.environment).waves_of(warrant.clusters)
    return waves[0], [cluster for wave in waves[1:] for cluster in wave]


def require_reachable(clusters: Iterable[str]) -> None:
    """Where the environment stops for a cluster that cannot be reached: end before anything is started."""
    catalogue = wiring.catalogue()
    stage = catalogue.environment(str(current.plan().environment))
    if stage.when_unreachable is WhenUnreachable.PROCEED or len(stage.clusters) == 1:
        return
    for cluster in clusters:
        try:
            reach(catalogue.clusters[cluster])
        except Unreachable as error:
            told = f"{error}; {stage.name} stops then: none of {', '.join(clusters)} was started"
            raise Ended(told) from error


def require_served(clusters: list[str], pods: Pods) -> None:
    """End here unless the bundle serves in all of these clusters: what comes after waits for them."""
    rollout = _rollout(pods)
    lacking = [s for s in rollout.standings if s.cluster in clusters and s.state is not ClusterState.OK]
    if lacking:
        raise _ending(rollout.outcome, "; ".join(f"{s.cluster}: {s.why}" for s in lacking))
    outcome.say(f"{', '.join(clusters)} serve")


def conclude(pods: Pods) -> None:
    """Tell how every cluster was left: ledger, story, note; ends the run unless all are as asked."""
    plan, sha256 = current.plan(), current.bundle_sha256()
    rollout = _rollout(pods)
    run = get_current_context()["dag_run"]
    page = run_url(run.dag_id, run.run_id)
    for standing in rollout.standings:
        if standing.begun:
            feedback.tell_deployment(wiring.tracker(), plan, rollout.environment, standing, sha256, page)
    conclude_rollout(wiring.notary(), plan, sha256, rollout)
    tell_rollout(wiring.tracker(), plan, rollout)
    outcome.say_of_the_run(rollout.outcome, rollout.sentence)
    if not rollout.complete:
        raise _ending(rollout.outcome, rollout.sentence)
    outcome.say(rollout.sentence)


def _rollout(pods: Pods) -> Rollout:
    plan, notary = current.plan(), wiring.notary()
    stage = wiring.catalogue().environment(str(plan.environment))
    bundle = notary.bundle(current.bundle_sha256())
    permitted = {cluster for clusters in pods.values() for cluster in clusters}
    about = plan.clusters or stage.clusters
    whys = {name: "its artifacts could not be promoted" for name in about if name not in permitted}
    for task_id, clusters in pods.items():
        for index, cluster in enumerate(clusters):
            said = get_current_context()["ti"].xcom_pull(task_ids=task_id, key=XCOM_KEY, map_indexes=index)
            if said:
                whys[cluster] = str(said).partition(": ")[2]
    first, *later = pods.values()
    found = standings(notary, plan, bundle, stage, whys)
    found = after_first_wave(found, first, [cluster for clusters in later for cluster in clusters])
    return Rollout(environment=stage.name, operation=operation_of(plan), path=plan.dag_id, standings=found)


def _ending(word: Outcome, sentence: str) -> Refused | Ended:
    return Refused(sentence) if word is Outcome.REFUSED else Ended(sentence)
