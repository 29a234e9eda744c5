"""Production: asked for, brought wave by wave, gone back from, undone by a person, finished and closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hummingbird.core.deployment import ClusterState, Standing
from hummingbird.core.environment import Environment
from hummingbird.core.observation import ObservedCommit
from hummingbird.core.outcome import Outcome
from hummingbird.core.plan import PlannedComponent
from hummingbird.core.story import Story
from hummingbird.core.warrant import Operation
from hummingbird.history.asking import Asked, ask
from hummingbird.history.bringing import Before, Bringing, ok
from hummingbird.history.closing import finish_and_close
from hummingbird.history.delivery import Delivery
from hummingbird.history.firm import holders
from hummingbird.history.lane import Lane
from hummingbird.history.runs import Run
from hummingbird.history.sealed import Sealed

_FAILURES = (
    "smoke request /version answered 500",
    "readiness was not reached within 60 s",
    "the process ended with code 1 soon after its start",
)


@dataclass
class Production:
    """One bundle's way into production, in as many runs as it takes."""

    way: Delivery
    lanes: list[Lane]
    bundle: Sealed
    planned: list[PlannedComponent]
    lead: Story
    travelling: list[Story]
    requester: str
    commits: dict[str, list[ObservedCommit]]
    """Component → what travels."""
    urgent: bool = False
    attempt: int = 0
    before: Before = field(default_factory=dict)

    def wait(self, at: datetime) -> datetime:
        """People are asked, and the history ends."""
        run = self._admit(at)
        self._ask(run, at, open_still=True)
        return at + timedelta(minutes=1)

    def reject(self, at: datetime) -> datetime:
        """An approver says no: the run is refused and nothing is touched."""
        run = self._admit(at)
        asked = self._ask(run, at, rejected=True)
        done = asked.decided_at or at
        why = f"not approved: {asked.rejected}"
        self.way.door.finish(run, done + timedelta(seconds=30), Outcome.REFUSED, why)
        return done + timedelta(seconds=31)

    def bring(self, at: datetime) -> datetime:
        """All clusters, wave by wave; then branches are finished and stories closed."""
        bringing, at = self._approved(at)
        warrant = bringing.permit(self._stage.clusters, at)
        for wave in self._stage.waves:
            began = at + timedelta(seconds=4)
            at = max(bringing.deploy(warrant, cluster, began) for cluster in wave)
        bringing.conclude(self._all_ok(), at + timedelta(seconds=4))
        return self._close(bringing, at + timedelta(seconds=5))

    def bring_in_two_runs(self, at: datetime) -> datetime:
        """One cluster of the last wave cannot be reached; a second run brings what is missing."""
        gone = self._stage.waves[-1][-1]
        bringing, at = self._approved(at)
        warrant = bringing.permit(self._stage.clusters, at)
        for wave in self._stage.waves:
            began = at + timedelta(seconds=4)
            at = max((bringing.deploy(warrant, one, began) for one in wave if one != gone), default=began)
        unknown = Standing(cluster=gone, state=ClusterState.UNKNOWN, why=f"{gone} did not answer for 20 s")
        standings = [ok(one, self._names) for one in self._stage.clusters if one != gone]
        rollout = bringing.conclude([*standings, unknown], at + timedelta(seconds=22))
        ended = at + timedelta(seconds=25)
        self.way.door.finish(bringing.run, ended, Outcome.BROKEN, rollout.sentence)
        second, at = self._approved(self.way.office.after_work(ended, 5400), only=[gone])
        at = second.deploy(second.permit([gone], at), gone, at + timedelta(seconds=4))
        second.conclude(self._all_ok(), at + timedelta(seconds=4))
        return self._close(second, at + timedelta(seconds=5))

    def fail(self, at: datetime) -> datetime:
        """The first wave does not come to serve and goes back; the later ones are not started."""
        why = self.way.chance.one_of(_FAILURES)
        bringing, at = self._approved(at)
        warrant = bringing.permit(self._stage.clusters, at)
        first, later = self._stage.waves[0], [one for wave in self._stage.waves[1:] for one in wave]
        done = max(bringing.deploy(warrant, one, at + timedelta(seconds=4), fails=why) for one in first)
        told = f"rolled back, {why}"
        standings = [Standing(cluster=one, state=ClusterState.FAILED, why=told) for one in first]
        waits = f"{', '.join(first)} did not come to serve"
        standings += [
            Standing(cluster=one, state=ClusterState.UNKNOWN, why=waits, begun=False) for one in later
        ]
        rollout = bringing.conclude(standings, done + timedelta(seconds=4))
        self.way.door.finish(bringing.run, done + timedelta(seconds=7), Outcome.REFUSED, rollout.sentence)
        return done + timedelta(seconds=8)

    def undo(self, at: datetime) -> datetime:
        """A person rolls the bundle back everywhere: what ran before runs again."""
        person = self.way.chance.one_of(holders("operations"))
        clusters = [one for one in self._stage.clusters if any(self.before.get(one, {}).values())]
        run = self._admit(at, dag_id="rollback", requester=person, clusters=clusters)
        asked = ask(
            self.way, run, self.bundle, self._stage, "rollback", at + timedelta(seconds=7), urgent=True
        )
        at = (asked.decided_at or at) + timedelta(seconds=16)
        bringing = Bringing(
            self.way, run, self.bundle, self._stage, self.lanes, Operation.ROLLBACK, asked.id, self.before
        )
        warrant = bringing.permit(clusters, at)
        done = max(bringing.deploy(warrant, one, at + timedelta(seconds=4)) for one in clusters)
        bringing.conclude([ok(one, self._names) for one in clusters], done + timedelta(seconds=4))
        self.way.door.finish(run, done + timedelta(seconds=7))
        return done + timedelta(seconds=8)

    @property
    def _stage(self) -> Environment:
        return self.way.catalogue.production

    @property
    def _names(self) -> list[str]:
        return [one.name for one in self.bundle.components]

    def _all_ok(self) -> list[Standing]:
        return [ok(cluster, self._names) for cluster in self._stage.clusters]

    def _ask(self, run: Run, at: datetime, *, rejected: bool = False, open_still: bool = False) -> Asked:
        return ask(
            self.way,
            run,
            self.bundle,
            self._stage,
            "deploy",
            at + timedelta(seconds=8),
            rejected=rejected,
            open_still=open_still,
            urgent=self.urgent,
        )

    def _admit(
        self,
        at: datetime,
        dag_id: str = "prod_deploy",
        requester: str | None = None,
        clusters: list[str] | None = None,
    ) -> Run:
        if dag_id == "prod_deploy":
            self.attempt += 1
        return self.way.door.admit(
            dag_id,
            f"{self.lead.key}.{max(1, self.attempt)}__{dag_id}",
            self.lead,
            at,
            components=self.planned,
            requester=requester or self.requester,
            environment=self._stage.name,
            travelling=self.travelling,
            bundle=self.bundle.sha256,
            clusters=clusters,
        )

    def _approved(self, at: datetime, only: list[str] | None = None) -> tuple[Bringing, datetime]:
        run = self._admit(at, clusters=only)
        asked = self._ask(run, at)
        bringing = Bringing(self.way, run, self.bundle, self._stage, self.lanes, approval=asked.id)
        at = bringing.promote((asked.decided_at or at) + timedelta(seconds=16), again=only is not None)
        return bringing, at + timedelta(seconds=2)

    def _close(self, bringing: Bringing, at: datetime) -> datetime:
        self.before = bringing.before
        self.way.unseen.delivered(at, self.bundle, self.commits)
        for lane in self.lanes:
            lane.released = self.bundle.carried(lane.name).commit
        done = finish_and_close(self.way, bringing.run, self.bundle, self.lanes, self.planned, at)
        self.way.door.finish(bringing.run, done)
        return done + timedelta(seconds=1)
