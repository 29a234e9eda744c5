"""What the platform needs of the world, as interfaces; clients/ fulfils them, tests bring their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Protocol

from hummingbird.core.approval import RequestStatus
from hummingbird.core.artifact import Build, Image, Package
from hummingbird.core.bundle import Bundle
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.emergency import Review, TrackerIssue
from hummingbird.core.event import DeliveryEvent, RecordedEvent
from hummingbird.core.gate import Verdict
from hummingbird.core.job import AnyJob, Ticket
from hummingbird.core.metric import Rates
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.observation import IncidentObserved, StoryObserved
from hummingbird.core.published import SignedHead
from hummingbird.core.record import Record
from hummingbird.core.regression import NightReport
from hummingbird.core.story import Story, StoryKey
from hummingbird.core.warrant import SignedWarrant


class Clock(Protocol):
    """Time as a port."""

    def now(self) -> datetime:
        """The current moment, aware, UTC."""


class Tracker(Protocol):
    """The issue tracker (Jira)."""

    def story(self, key: StoryKey) -> Story:
        """The story; NotFound when the tracker does not know it."""

    def issue(self, key: StoryKey) -> TrackerIssue:
        """An issue of any type; NotFound when the tracker does not know it."""

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        """Leave a comment carrying `marker`, unless one with that marker is there.

        `[~account]` in the text mentions the person with that account on the tracker.
        """

    def link_once(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        """Create or update the remote link with that identity."""

    def move_to(self, key: StoryKey, status: str) -> None:
        """Bring the story to a status; nothing when it is there; Conflict when no transition leads there."""


class Measures(Protocol):
    """What the issue tracker (Jira) knows for figures."""

    def story_measures(self, key: StoryKey, rates: Rates) -> StoryObserved | None:
        """A story's worth, work and test cases; None where the story is gone."""

    def incidents(self, rates: Rates, since: date) -> list[IncidentObserved]:
        """Every incident that was changed since a day."""


class ImageStore(Protocol):
    """The image registry (Harbor)."""

    def exists(self, image: Image) -> bool:
        """Whether the repository holds the digest."""

    def copy(self, image: Image, target_repository: str) -> Image:
        """Copy by digest on the server, read back; Mismatch when the digest differs."""

    def attach(self, image: Image, artifact_type: str, media_type: str, content: bytes) -> str:
        """Attach a referrer to the image, once; returns the digest of the attached manifest."""

    def attached(self, image: Image, artifact_type: str) -> list[bytes]:
        """The documents of a type that are attached to the image, oldest first."""

    def page(self, image: Image) -> str:
        """Address of a page about the image for people."""


class PackageStore(Protocol):
    """The package repository (Artifactory)."""

    def checksum(self, package: Package) -> str | None:
        """The stored SHA-256, None when the file is missing."""

    def copy(self, package: Package, target_repository: str) -> Package:
        """Copy on the server, read back; Mismatch when the checksum differs."""

    def put(self, repository: str, path: str, content: bytes, content_type: str) -> str:
        """Store a file unless the same bytes are there; returns its address."""

    def read(self, package: Package) -> bytes:
        """A file's bytes; NotFound when missing, Mismatch when they are not the package's."""

    def page(self, repository: str, path: str) -> str:
        """Address of a stored file."""


class SettingItem(Record):
    """An item of the configuration centre as people edited it, released or not."""

    key: str
    value: str
    comment: str = ""
    editor: str = ""
    """Account of whoever changed it last."""


class SettingsStore(Protocol):
    """The configuration centre (Apollo)."""

    def commented(self, env: str, place: ApolloNamespace) -> list[SettingItem]:
        """The namespace's items with their comments; NotFound when there is no such namespace."""


class Records(Protocol):
    """What was recorded, for whoever only reads: the notary, or the ledger's database itself."""

    def events(self, *, kinds: Iterable[str] = (), **where: str) -> list[RecordedEvent]:
        """Events in order; `where`: story, bundle, component, environment, cluster, run, subject, key."""

    def bundle(self, sha256: str) -> Bundle:
        """A sealed bundle; NotFound when none has that name."""


class Notary(Records, Protocol):
    """The notary as tasks see it."""

    def append(self, event: DeliveryEvent) -> RecordedEvent:
        """Record an event of a kind that tasks may write; the one of the same key when there is one."""

    def seal(self, bundle: Bundle, run: str) -> str:
        """Record a sealed bundle; returns its SHA-256."""

    def verdict(
        self,
        bundle: str,
        environment: str,
        requester: str | None,
        stage: str,
        operation: str,
        approval: str | None,
        run: str,
    ) -> Verdict:
        """What the gates of a stage (`ask` before people, `warrant` before a deployment) say now."""

    def ask(
        self, bundle: str, environment: str, operation: str, requester: str | None, run: str
    ) -> RequestStatus:
        """Find or create the approval request of a run."""

    def request(self, request: str) -> RequestStatus:
        """A request and where it stands."""

    def answer(
        self, request: str, number: int, dag_id: str, run_id: str, task_id: str, map_index: int
    ) -> RequestStatus:
        """Have the notary re-read one prompt's answer from Airflow and record it."""

    def withdraw(self, dag_id: str, run_id: str) -> list[RequestStatus]:
        """Have the notary re-read who started a run, and take back what that person asked or signed."""

    def review(self, emergency: str, dag_id: str, run_id: str, task_id: str, map_index: int) -> Review:
        """Have the notary re-read a review's answer from Airflow and record it."""

    def issue_warrant(
        self,
        bundle: str,
        environment: str,
        operation: str,
        requester: str | None,
        approval: str | None,
        run: str,
    ) -> SignedWarrant | Verdict:
        """A warrant when every gate is open, else the verdict that says why not."""

    def ticket(self, run: str, task: str, job: AnyJob) -> Ticket:
        """A ticket for a job of a run's task; the same job again gets a new token, or its result."""

    def result(self, job: str) -> dict[str, Any] | None:
        """What a pod posted, None when nothing yet."""

    def builds(self, component: str, commit: str) -> list[Build]:
        """Recorded builds of a commit."""

    def open_night(self, run: str) -> int:
        """Fill a night's queue by what its pods selected; how many cases. Conflict while one has not."""

    def night(self, run: str) -> NightReport:
        """What became of a night so far; NotFound before its queue is opened."""

    def close_night(self, run: str, stored: StoredNight) -> RecordedEvent:
        """Record a night; Conflict names the selected cases that were not executed."""

    def sign_head(self, commit: str, run: str) -> SignedHead:
        """Today's head of the ledger as a signed git tag on that commit; the same tag all day."""
