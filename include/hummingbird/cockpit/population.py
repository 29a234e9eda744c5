"""Every change of production that the ledger knows, and what it left behind that can be looked at."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import AwareDatetime
from sqlalchemy import Connection

from hummingbird.cockpit.broken_glass import all_broken, told
from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.deployment import DeployReport, now_serving
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.record import Record
from hummingbird.ledger.append import database_now
from hummingbird.ledger.views import by_key, events

CHANGES = (
    EventKind.DEPLOYMENT_FINISHED,
    EventKind.DEPLOYMENT_ROLLED_BACK,
    EventKind.DEPLOYMENT_FAILED,
)


class Change(Record):
    """One deployment to one cluster, as it was recorded."""

    sequence: int
    at: AwareDatetime
    cluster: str
    story: str | None
    bundle: str
    outcome: str
    warrant: str
    approved_by: list[str]
    """`person (role)`; empty where nobody has to agree."""
    emergency: str | None = None
    """What was broken for it, and whether somebody looked at that; None for a normal change."""
    digests: dict[str, str]
    """Component → digest that the bundle carries."""

    @property
    def line(self) -> str:
        """For a person."""
        who = ", ".join(self.approved_by) or "nobody had to agree"
        broken = f"  BREAK-GLASS: {self.emergency}" if self.emergency else ""
        return (
            f"row {self.sequence}  {self.at:%Y-%m-%d %H:%M:%S}Z  {self.cluster}  {self.story or '-'}  "
            f"{self.outcome}  bundle {self.bundle[:12]}  warrant {self.warrant}  by {who}{broken}"
        )


class Standing(Record):
    """What the ledger says of one cluster."""

    serving: dict[str, BundleComponent]
    """Component → the version that serves now."""
    brought: dict[str, set[str]]
    """Component → every digest that a deployment here was about, ways back included."""
    warrants: set[str]
    """Every warrant that was used here."""
    promoted: dict[str, set[str]]
    """Repository → digests that were copied there for this cluster."""


class Ledger:
    """The ledger's side of the population, read once for each cluster."""

    def __init__(self, connection: Connection, environment: str) -> None:
        self._connection = connection
        self._environment = environment
        self._bundles: dict[str, Bundle | None] = {}
        now, found = database_now(connection), all_broken(connection)
        self._broken = {broken.use.warrant: told(broken, now) for broken in found}
        self.overdue = [
            told(broken, now)
            for broken in found
            if broken.use.environment == environment and broken.overdue(now)
        ]
        """Broken glass that nobody looked at in time, a sentence each."""

    def changes(self) -> Iterator[Change]:
        """All changes, oldest first."""
        for recorded in events(self._connection, kinds=CHANGES, environment=self._environment):
            data = recorded.event.data
            report = data.get("report") or {"outcome": data.get("outcome"), "warrant": data.get("warrant")}
            bundle = self._bundle(str(recorded.event.bundle))
            yield Change(
                sequence=recorded.sequence,
                at=recorded.at,
                cluster=str(recorded.event.cluster),
                story=recorded.event.story,
                bundle=str(recorded.event.bundle),
                outcome=str(report["outcome"]),
                warrant=str(report["warrant"]),
                approved_by=self._approvers(str(report["warrant"])),
                emergency=self._broken.get(str(report["warrant"])),
                digests={c.name: c.image.digest for c in bundle.components} if bundle else {},
            )

    def standing(self, cluster: str, components: list[str]) -> Standing:
        """What should be found in a cluster and its registry project."""
        reports = [report for one in self._of(cluster) if (report := _report(one)) is not None]
        serving = now_serving(reversed(reports), self._carried, components)
        named = {sha for r in reports for sha in (r.bundle, r.predecessor, *r.predecessors.values()) if sha}
        brought: dict[str, set[str]] = {}
        for sha256 in named:
            for carried in self._components(sha256):
                brought.setdefault(carried.name, set()).add(carried.image.digest)
        return Standing(
            serving={
                name: carried
                for name, sha256 in serving.items()
                for carried in (self._components(sha256) if sha256 else [])
                if carried.name == name
            },
            brought=brought,
            warrants={
                recorded.event.subject for recorded in self._events(cluster, EventKind.WARRANT_CONSUMED)
            },
            promoted=self._promoted(cluster),
        )

    def _promoted(self, cluster: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for recorded in self._events(cluster, EventKind.ARTIFACTS_PROMOTED):
            for image in recorded.event.data["images"]:
                found.setdefault(image["repository"], set()).add(image["digest"])
        return found

    def _of(self, cluster: str) -> list[RecordedEvent]:
        return self._events(cluster, *CHANGES)

    def _events(self, cluster: str, *kinds: EventKind) -> list[RecordedEvent]:
        return events(self._connection, kinds=kinds, environment=self._environment, cluster=cluster)

    def _carried(self, sha256: str) -> list[str]:
        return [component.name for component in self._components(sha256)]

    def _components(self, sha256: str) -> list[BundleComponent]:
        bundle = self._bundle(sha256)
        return bundle.components if bundle else []

    def _bundle(self, sha256: str) -> Bundle | None:
        if sha256 not in self._bundles:
            recorded = by_key(self._connection, f"bundle:{sha256}")
            self._bundles[sha256] = Bundle.model_validate(recorded.event.data["bundle"]) if recorded else None
        return self._bundles[sha256]

    def _approvers(self, warrant: str) -> list[str]:
        issued = by_key(self._connection, f"warrant:{warrant}")
        approval = issued.event.data["warrant"]["approval"] if issued else None
        if approval is None:
            return []
        answers = events(self._connection, kinds=[EventKind.APPROVAL_ANSWERED], subject=approval)
        given = [one.event.data["approval"] for one in answers]
        return [f"{one['person']} ({one['role']})" for one in given if one["decision"] == "approved"]


def _report(recorded: RecordedEvent) -> DeployReport | None:
    report = recorded.event.data.get("report")
    return DeployReport.model_validate(report) if report else None
