"""What must hold of a ledger whatever was done (I1 to I5), judged from its rows alone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.event import EventKind
from hummingbird.ledger.chain import link

_USES = text("SELECT warrant, cluster, outcome FROM ledger.warrant_use WHERE environment = 'prod'")
_NEXT = text("SELECT * FROM ledger.event WHERE sequence > :after ORDER BY sequence")


@dataclass
class Asked:
    """A question as its row tells it, and what was answered."""

    request: dict[str, Any]
    run: str
    policy: str
    signed: dict[int, str] = field(default_factory=dict)
    closed: str | None = None
    withdrawn: bool = False


@dataclass
class Oracle:
    """Reads what was added since it looked last; it uses none of the notary's own judgement."""

    authors: set[str]
    height: int
    head: str
    asked: dict[str, Asked] = field(default_factory=dict)
    warrants: dict[str, dict[str, Any]] = field(default_factory=dict)
    in_flight: dict[str, str] = field(default_factory=dict)
    """Cluster → warrant under which a deployment is unfinished."""
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(approval, cluster) → deployments begun, but for those that refused to touch anything."""
    serving: dict[str, str | None] = field(default_factory=dict)
    """Cluster → outcome of its last deployment."""

    def look(self, connection: Connection, catalogue: Catalogue) -> None:
        """Judge every new row against all that came before it and the catalogue, unchanged since."""
        for row in connection.execute(_NEXT, {"after": self.height}):
            assert row.sequence == self.height + 1, "I4: the ledger has a gap"
            assert row.previous_hash == self.head, "I4: the chain is broken"
            assert row.hash == link(row.previous_hash, row.envelope), "I4: a row was changed"
            self.height, self.head = row.sequence, row.hash
            event = json.loads(row.envelope)["customData"]["event"]
            judge = _JUDGES.get(EventKind(row.kind))
            if judge is not None:
                judge(self, event, row.at, catalogue)
        uses = list(connection.execute(_USES))
        self.in_flight = {use.cluster: use.warrant for use in uses if use.outcome is None}
        assert len(set(self.in_flight.values())) <= 1, "I3: two deployments in one environment at once"
        changes = [use for use in uses if use.outcome != "refused"]
        self.changes = Counter((self.warrants[use.warrant]["approval"], use.cluster) for use in changes)
        assert max(self.changes.values(), default=0) <= 1, "I2: an approval was used twice"

    def _asked(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        self.asked[event["subject"]] = Asked(event["data"]["request"], event["run"], catalogue.policy_version)

    def _answered(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        given, asked = event["data"]["approval"], self.asked[event["subject"]]
        person = given["person"]
        assert asked.closed is None, "I2: an answer to a closed question counted"
        assert given["number"] not in asked.signed, "I2: a signature was given twice"
        assert person not in asked.signed.values(), "I2: one person signed twice"
        assert person != asked.request["requester"], "I2: the requester signed"
        assert person not in self.authors, "I2: an author signed"
        assert given["role"] in catalogue.persons[person].roles, "I2: signed without the role"
        assert at < datetime.fromisoformat(asked.request["expires_at"]), "I2: signed after the end"
        assert catalogue.policy_version == asked.policy, "I2: signed under another policy"
        asked.signed[given["number"]] = person if given["decision"] == "approved" else ""

    def _closed(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        self.asked[event["subject"]].closed = event["data"]["state"]

    def _withdrawn(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        asked, taken = self.asked[event["subject"]], event["data"]["withdrawal"]
        mine = taken["person"] == asked.request["requester"], taken["person"] in asked.signed.values()
        assert mine[0 if taken["whole"] else 1], "I2: taken back by somebody whose it is not"
        assert asked.closed in (None, "approved"), "I2: what was over was taken back"
        asked.withdrawn = True

    def _issued(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        warrant = event["data"]["warrant"]
        assert not self.asked[warrant["approval"]].withdrawn, "I2: a warrant for what was taken back"
        self.warrants[event["subject"]] = warrant

    def _consumed(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        warrant, cluster = self.warrants[event["subject"]], event["cluster"]
        asked = self.asked[warrant["approval"]]
        request = asked.request
        for name in ("bundle", "environment", "evidence", "operation"):
            assert warrant[name] == request[name], f"I2: approved for another {name}"
        assert event["run"] == asked.run, "I2: the approval is another run's"
        assert asked.closed == "approved", f"I2: the question was {asked.closed or 'open'}"
        assert not asked.withdrawn, "I2: it was taken back before the deployment"
        numbers = {signature["number"] for signature in request["signatures"]}
        assert set(asked.signed) == numbers, "I2: a signature is missing"
        assert all(asked.signed.values()), "I2: it was rejected"
        for signature in request["signatures"]:
            person = catalogue.persons[asked.signed[signature["number"]]]
            assert signature["role"] in person.roles, "I2: a signer lost the role before the deployment"
        assert catalogue.policy_version == asked.policy, "I2: the policy changed before the deployment"
        assert at < datetime.fromisoformat(warrant["expires_at"]), "I2: the warrant had expired"
        assert warrant["issued_at"] < request["expires_at"], "I2: issued on an expired approval"
        self.in_flight[cluster] = warrant["id"]

    def _ended(self, event: dict[str, Any], at: datetime, catalogue: Catalogue) -> None:
        cluster = event["cluster"]
        if event["environment"] != "prod":
            return
        outcome = event["data"].get("outcome") or event["data"]["report"]["outcome"]
        if outcome != "refused":  # a pod may refuse its work without having taken the warrant
            assert self.in_flight.pop(cluster, None), "I2: a deployment ended that never took a warrant"
            self.serving[cluster] = outcome


_JUDGES = {
    EventKind.APPROVAL_ASKED: Oracle._asked,
    EventKind.APPROVAL_ANSWERED: Oracle._answered,
    EventKind.APPROVAL_CLOSED: Oracle._closed,
    EventKind.APPROVAL_WITHDRAWN: Oracle._withdrawn,
    EventKind.WARRANT_ISSUED: Oracle._issued,
    EventKind.WARRANT_CONSUMED: Oracle._consumed,
    EventKind.DEPLOYMENT_FINISHED: Oracle._ended,
    EventKind.DEPLOYMENT_ROLLED_BACK: Oracle._ended,
    EventKind.DEPLOYMENT_FAILED: Oracle._ended,
}
