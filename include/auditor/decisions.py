"""What was decided, checked again from the rows alone: from a bundle's name to the digests that run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from auditor.broken_glass import BrokenGlass
from auditor.rows import Row
from auditor.signed import Broken, canonical, opened, signed_by, unbase64

IN_TOTO = "application/vnd.in-toto+json"


class Decisions:
    """What was decided, checked again from the rows alone; `told` is what a person reads."""

    def __init__(self, key: bytes, builds_key: bytes) -> None:
        self.key, self.builds_key = key, builds_key
        self.bundles: dict[str, Row] = {}
        self.requests: dict[str, Row] = {}
        self.answers: dict[str, list[Row]] = {}
        self.withdrawn: dict[str, str] = {}
        self.warrants: dict[str, Row] = {}
        self.consumed: set[tuple[str, str]] = set()
        self.told: list[str] = []
        self.glass = BrokenGlass()
        self._checks: dict[str, Callable[[str, Row, Row, Row], str | None]] = {
            "bundle.sealed": self._bundle,
            "artifact.signed": self._provenance,
            "approval.created": self._request,
            "approval.updated": self._answer,
            "approval.withdrawn": self._withdrawal,
            "warrant.issued": self._warrant,
            "warrant.consumed": self._use,
            "emergency.used": self._emergency,
            "emergency.reviewed": lambda what, _, event, data: self.glass.review(what, event, data),
            "service.deployed": self._deployment,
            "service.rolledback": self._deployment,
        }

    def take(self, row: Row, event: Row) -> None:
        """Check one row against those before it."""
        kind = event["kind"].rsplit(".", 3)[0].rsplit("-", 1)[-1].removeprefix("dev.cdevents.")
        check = self._checks.get(kind)
        try:
            line = check(f"row {row['sequence']}", row, event, event["data"]) if check else None
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise Broken(f"row {row['sequence']}: it is not a {kind} as the platform writes it") from None
        report = event["data"].get("report") or {}
        if report.get("report_sha256"):
            line = f"report   {report.get('report_url')} sha256 {report['report_sha256']}"
        if line:
            self.told.append(f"  row {row['sequence']:>6}  {row['at'][:19]}Z  {line}")

    def _bundle(self, what: str, _: Row, event: Row, data: Row) -> str:
        if hashlib.sha256(canonical(data["bundle"])).hexdigest() != event["bundle"]:
            raise Broken(f"{what}: the bundle is not the one that its name says")
        self.bundles[event["bundle"]] = data["bundle"]
        digests = ", ".join(
            f"{c['name']} {c['version']} {c['image']['digest']}" for c in data["bundle"]["components"]
        )
        return f"bundle   {event['bundle']}: {digests}"

    def _provenance(self, what: str, _: Row, __: Row, data: Row) -> None:
        document = opened(data["envelope"], IN_TOTO, (self.builds_key, self.key), f"the provenance of {what}")
        digests = [one["digest"]["sha256"] for one in document["subject"]]
        commit = document["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"]
        digest = data["build"]["image"]["digest"].removeprefix("sha256:")
        if digest not in digests or commit != data["build"]["commit"]:
            raise Broken(f"{what}: the provenance is of another digest or commit than the build")

    def _request(self, _: str, __: Row, event: Row, data: Row) -> None:
        self.requests[event["subject"]] = data["request"]

    def _answer(self, _: str, __: Row, event: Row, data: Row) -> str:
        answer = data["approval"]
        self.answers.setdefault(event["subject"], []).append(answer)
        return (
            f"approval {event['environment']}: {answer['person']} as {answer['role']}: {answer['decision']}"
        )

    def _withdrawal(self, _: str, __: Row, event: Row, data: Row) -> str:
        taken = data["withdrawal"]
        self.withdrawn[event["subject"]] = taken["person"]
        return f"approval {event['environment']}: {taken['person']} took it back"

    def _warrant(self, what: str, _: Row, event: Row, data: Row) -> str:
        warrant, payload = data["warrant"], unbase64(data["signed"]["payload"], f"the warrant of {what}")
        signature = unbase64(data["signed"]["signature"], f"the signature of {what}")
        if not signed_by(self.key, signature, payload) or canonical(warrant) != payload:
            raise Broken(f"{what}: the warrant is not what the notary signed")
        if warrant["bundle"] not in self.bundles:
            raise Broken(
                f"{what}: the warrant is for bundle {warrant['bundle'][:12]}, which no row before it seals"
            )
        if warrant["approval"] is not None:
            self._signed_for(what, warrant)
        urgent = self.glass.warrant(what, warrant, self.requests.get(warrant["approval"]))
        self.warrants[event["subject"]] = warrant
        done = f"{warrant['operation']} {warrant['bundle'][:12]}"
        where = f"{event['environment']} ({', '.join(warrant['clusters'])})"
        return f"warrant  {warrant['id']} to {done}: {where}{urgent}"

    def _emergency(self, what: str, _: Row, event: Row, data: Row) -> str:
        people = sorted(one["person"] for one in self.answers.get(event["subject"], []))
        return self.glass.use(what, event, data, self.requests.get(event["subject"]), people)

    def _signed_for(self, what: str, warrant: Row) -> None:
        request, answers = self.requests.get(warrant["approval"]), self.answers.get(warrant["approval"], [])
        self._still_stands(what, warrant)
        same = ["bundle", "evidence", "environment", "operation"]
        if request is not None and not request.get("policy"):
            same.append("policy_version")  # later requests name only what concerns them of it
        elif "policy" in warrant:  # and later warrants repeat that
            same.append("policy")
        if request is None or any(request[name] != warrant[name] for name in same):
            raise Broken(f"{what}: the warrant is for something else than people were asked about")
        people = [one["person"] for one in answers if one["decision"] == "approved"]
        needed = sorted(one["number"] for one in request["signatures"])
        if sorted(one["number"] for one in answers) != needed or len(people) != len(needed):
            raise Broken(f"{what}: the warrant was issued without all signatures")
        if len(set(people)) != len(people):
            raise Broken(f"{what}: one person gave two of the signatures")
        could = {one["number"]: one.get("candidates") for one in request["signatures"]}
        for answer in answers:
            among = could[answer["number"]]
            if answer["person"] not in among if among else answer["person"] == request["requester"]:
                raise Broken(f"{what}: {answer['person']} signed and was not among those who could")

    def _use(self, what: str, row: Row, event: Row, _: Row) -> None:
        warrant = self.warrants.get(event["subject"])
        clusters = warrant["clusters"] if warrant and event["bundle"] == warrant["bundle"] else []
        if warrant is None or event["cluster"] not in clusters:
            raise Broken(f"{what}: a warrant was used that no row before it gives for {event['cluster']}")
        self._still_stands(what, warrant)
        if datetime.fromisoformat(row["at"]) > datetime.fromisoformat(warrant["expires_at"]):
            raise Broken(f"{what}: the warrant was used after it had expired")
        self.consumed.add((event["subject"], event["cluster"]))

    def _still_stands(self, what: str, warrant: Row) -> None:
        if warrant["approval"] in self.withdrawn:
            raise Broken(f"{what}: {self.withdrawn[warrant['approval']]} had taken the approval back by then")

    def _deployment(self, what: str, _: Row, event: Row, data: Row) -> str:
        report = data["report"]
        if (report["warrant"], event["cluster"]) not in self.consumed:
            raise Broken(f"{what}: {event['cluster']} was changed under a warrant that was not used there")
        carried = {one["name"]: one["image"]["digest"] for one in self.bundles[event["bundle"]]["components"]}
        found = {one["name"]: one["digest"] for one in report["components"]}
        brought = report["outcome"] == "deployed" and ".deployed." in event["kind"]
        if brought and found != carried:
            raise Broken(f"{what}: other digests run in {event['cluster']} than the bundle carries")
        return f"{report['outcome']:<8} {event['environment']}/{event['cluster']}: {event['bundle'][:12]}"
