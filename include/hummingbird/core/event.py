"""Delivery events: what the ledger keeps, in CDEvents' envelope (v0.5.1).

Own subjects (`dev.cdeventsx.hummingbird-*`) stand where CDEvents 0.5.1 has none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class EventKind(StrEnum):
    """Every kind of event the ledger accepts; the value is the CDEvents type."""

    WEBHOOK_RECEIVED = "dev.cdeventsx.hummingbird-webhook.received.0.1.0"
    RUN_ADMITTED = "dev.cdeventsx.hummingbird-run.admitted.0.1.0"
    RUN_REFUSED = "dev.cdeventsx.hummingbird-run.refused.0.1.0"
    RUN_FINISHED = "dev.cdevents.pipelinerun.finished.0.3.0"
    SCAN_FINISHED = "dev.cdeventsx.hummingbird-scan.finished.0.1.0"
    BUILD_FINISHED = "dev.cdevents.artifact.packaged.0.3.0"
    PROVENANCE_SIGNED = "dev.cdevents.artifact.signed.0.3.0"
    BUNDLE_SEALED = "dev.cdeventsx.hummingbird-bundle.sealed.0.1.0"
    BUNDLE_TOUCHED = "dev.cdeventsx.hummingbird-bundle.touched.0.1.0"
    """Who had a hand in it: committers, mergers, builders."""
    ARTIFACTS_PROMOTED = "dev.cdevents.artifact.published.0.3.0"
    APPROVAL_ASKED = "dev.cdeventsx.hummingbird-approval.created.0.1.0"
    APPROVAL_SHOWN = "dev.cdeventsx.hummingbird-approval.shown.0.1.0"
    """The tracker has an issue in which one signature of the question can be given."""
    APPROVAL_ANSWERED = "dev.cdeventsx.hummingbird-approval.updated.0.1.0"
    APPROVAL_REFUSED = "dev.cdeventsx.hummingbird-approval.refused.0.1.0"
    APPROVAL_CLOSED = "dev.cdeventsx.hummingbird-approval.closed.0.1.0"
    APPROVAL_WITHDRAWN = "dev.cdeventsx.hummingbird-approval.withdrawn.0.1.0"
    """A signature, or the whole question, was taken back before it was used."""
    EMERGENCY_WITNESSED = "dev.cdeventsx.hummingbird-emergency.witnessed.0.1.0"
    """Incident and requester of a run that wants to break the glass, as the notary read them back."""
    EMERGENCY_USED = "dev.cdeventsx.hummingbird-emergency.used.0.1.0"
    """The glass is broken: a warrant past shut gates; from now on a review is owed."""
    EMERGENCY_REVIEWED = "dev.cdeventsx.hummingbird-emergency.reviewed.0.1.0"
    EMERGENCY_OVERDUE = "dev.cdeventsx.hummingbird-emergency.overdue.0.1.0"
    REVIEW_REFUSED = "dev.cdeventsx.hummingbird-emergency.refused.0.1.0"
    """Somebody reviewed who may not, or without saying what was found."""
    GATES_DECIDED = "dev.cdeventsx.hummingbird-gate.decided.0.1.0"
    WARRANT_ISSUED = "dev.cdeventsx.hummingbird-warrant.issued.0.1.0"
    WARRANT_CONSUMED = "dev.cdeventsx.hummingbird-warrant.consumed.0.1.0"
    DEPLOYMENT_FINISHED = "dev.cdevents.service.deployed.0.3.0"
    DEPLOYMENT_ROLLED_BACK = "dev.cdevents.service.rolledback.0.3.0"
    DEPLOYMENT_FAILED = "dev.cdeventsx.hummingbird-deployment.failed.0.1.0"
    ROLLOUT_CONCLUDED = "dev.cdeventsx.hummingbird-rollout.concluded.0.1.0"
    LINEAGE_READ = "dev.cdeventsx.hummingbird-lineage.read.0.1.0"
    """How a candidate's commit stands to one that runs: Git's word, as a task read it."""
    RELEASE_WAITING = "dev.cdeventsx.hummingbird-release.waiting.0.1.0"
    """Everything is open but the window or the turn: the run holds nothing until it is called."""
    RELEASE_CALLED = "dev.cdeventsx.hummingbird-release.called.0.1.0"
    SUITE_FINISHED = "dev.cdevents.testsuiterun.finished.0.3.0"
    REGRESSION_STARTED = "dev.cdeventsx.hummingbird-regression.started.0.1.0"
    """A night was admitted: what runs in the environment is frozen as its plan."""
    REGRESSION_FINISHED = "dev.cdeventsx.hummingbird-regression.finished.0.1.0"
    """Every selected case was executed: totals, what newly fails, the report by hash."""
    STORY_CLOSED = "dev.cdevents.ticket.closed.0.2.0"
    HEAD_SIGNED = "dev.cdeventsx.hummingbird-head.signed.0.1.0"
    HEAD_PUBLISHED = "dev.cdeventsx.hummingbird-head.published.0.1.0"
    """The ledger's head stands in a git repository, as a signed tag."""
    METRICS_OBSERVED = "dev.cdeventsx.hummingbird-metrics.observed.0.1.0"
    """What another system says about delivered work; see core/observation.py."""
    METRICS_PUBLISHED = "dev.cdeventsx.hummingbird-metrics.published.0.1.0"
    METRICS_WITHHELD = "dev.cdeventsx.hummingbird-metrics.withheld.0.1.0"
    """An expectation did not hold: the figures published before stay."""
    HISTORY_IMPORTED = "dev.cdeventsx.hummingbird-history.imported.0.1.0"
    """One row of a firm's own past: it becomes the fact that it says."""
    LEDGER_RECONCILED = "dev.cdeventsx.hummingbird-ledger.reconciled.0.1.0"
    RELEASE_TAGGED = "dev.cdeventsx.hummingbird-release.tagged.0.1.0"
    CHANGE_MERGED = "dev.cdevents.change.merged.0.3.0"
    """A delivered commit came into master or develop."""
    CHANGE_LEFT_OPEN = "dev.cdeventsx.hummingbird-change.leftopen.0.1.0"
    """It did not: somebody has to merge it by hand."""


TASK_KINDS = frozenset(
    {
        EventKind.RUN_ADMITTED,
        EventKind.RUN_REFUSED,
        EventKind.RUN_FINISHED,
        EventKind.BUILD_FINISHED,
        EventKind.BUNDLE_SEALED,
        EventKind.BUNDLE_TOUCHED,
        EventKind.LINEAGE_READ,
        EventKind.ARTIFACTS_PROMOTED,
        EventKind.REGRESSION_STARTED,
        EventKind.ROLLOUT_CONCLUDED,
        EventKind.HEAD_PUBLISHED,
        EventKind.STORY_CLOSED,
        EventKind.RELEASE_TAGGED,
        EventKind.CHANGE_MERGED,
        EventKind.CHANGE_LEFT_OPEN,
        EventKind.METRICS_OBSERVED,
    }
)
"""What an Airflow task may write. Scans, suites and deployments come from pods by ticket; approvals, gate
decisions, warrants, provenance and webhooks from the notary alone."""


class DeliveryEvent(Record):
    """One thing that happened; `key` makes writing it twice one event."""

    kind: EventKind
    key: str = Field(min_length=3, max_length=300)
    subject: str
    """Id of what it happened to, such as a bundle's hash or `dag_id/run_id`."""
    story: StoryKey | None = None
    bundle: str | None = None
    component: str | None = None
    environment: str | None = None
    cluster: str | None = None
    run: str | None = None
    """`dag_id/run_id` of the Airflow run."""
    actor: str
    """Person, `platform`, or `job:<id>`."""
    data: dict[str, Any] = Field(default_factory=dict)


class RecordedEvent(Record):
    """An event with its place in the chain."""

    sequence: int
    at: AwareDatetime
    event: DeliveryEvent
    envelope: dict[str, Any]
    """The CDEvents document, as it was hashed."""
    previous_hash: str
    hash: str
