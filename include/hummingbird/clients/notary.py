"""The notary as Airflow's tasks reach it: a token that cannot write approvals, verdicts or warrants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import TypeAdapter

from hummingbird.clients.http import Site, fitting
from hummingbird.clients.reading import Limits
from hummingbird.clients.refusal import refused
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import BearerToken
from hummingbird.core.approval import RequestStatus
from hummingbird.core.artifact import Build
from hummingbird.core.bundle import Bundle
from hummingbird.core.emergency import Review
from hummingbird.core.errors import Garbled, Mismatch
from hummingbird.core.event import DeliveryEvent, RecordedEvent
from hummingbird.core.gate import Verdict
from hummingbird.core.job import AnyJob, Ticket
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.published import SignedHead
from hummingbird.core.regression import NightReport
from hummingbird.core.warrant import SignedWarrant

T = TypeVar("T")

_RECORDED: TypeAdapter[RecordedEvent] = TypeAdapter(RecordedEvent)
_RECORDED_MANY: TypeAdapter[list[RecordedEvent]] = TypeAdapter(list[RecordedEvent])
_BUNDLE: TypeAdapter[Bundle] = TypeAdapter(Bundle)
_VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
_REQUEST: TypeAdapter[RequestStatus] = TypeAdapter(RequestStatus)
_REQUESTS: TypeAdapter[list[RequestStatus]] = TypeAdapter(list[RequestStatus])
_REVIEW: TypeAdapter[Review] = TypeAdapter(Review)
_WARRANT: TypeAdapter[SignedWarrant] = TypeAdapter(SignedWarrant)
_TICKET: TypeAdapter[Ticket] = TypeAdapter(Ticket)
_NIGHT: TypeAdapter[NightReport] = TypeAdapter(NightReport)
_HEAD: TypeAdapter[SignedHead] = TypeAdapter(SignedHead)
_BUILD: TypeAdapter[Build] = TypeAdapter(Build)


class NotaryApi:
    """Fulfils ports.Notary; every call may be made twice, the notary finds what is there."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        auth = BearerToken(token)
        self._site = Site("notary", url, auth=auth, verify=verify, limits=limits, retrying=retrying)

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def append(self, event: DeliveryEvent) -> RecordedEvent:
        """Record an event, or find it by key; Conflict when its content differs."""
        return self._post("events", event.document(), f"event {event.key}", _RECORDED)

    def events(self, *, kinds: Iterable[str] = (), **where: str) -> list[RecordedEvent]:
        """Events in order; `where` as in the port, and `after` a sequence number."""
        asked = {"kind": [str(kind) for kind in kinds], **where}
        answer = self._site.call("GET", "events", about="events", params=asked)
        return answer.read_as(_RECORDED_MANY)

    def seal(self, bundle: Bundle, run: str) -> str:
        """Record a sealed bundle; returns its SHA-256. Mismatch when the notary names it otherwise."""
        about = f"bundle {bundle.sha256[:12]}"
        document = {"bundle": bundle.document(), "run": run}
        answer = self._site.call("POST", "bundles", about=about, document=document, again=True)
        named = answer.document().get("sha256")
        if named != bundle.sha256:
            raise Mismatch(
                f"{answer.head}: expected name {bundle.sha256}, found {named}; both sides must agree"
            )
        return bundle.sha256

    def bundle(self, sha256: str) -> Bundle:
        """A sealed bundle; NotFound when none has that name, Mismatch when its content has another."""
        answer = self._site.call("GET", f"bundles/{sha256}", about=f"bundle {sha256[:12]}")
        found = answer.read_as(_BUNDLE)
        if found.sha256 != sha256:
            raise Mismatch(f"{answer.head}: expected bundle {sha256}, found content of {found.sha256}")
        return found

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
        """What the gates of a stage (`ask` or `warrant`) say now."""
        document = {
            "bundle": bundle,
            "environment": environment,
            "requester": requester,
            "stage": stage,
            "operation": operation,
            "approval": approval,
            "run": run,
        }
        return self._post("verdicts", document, f"gates of {bundle[:12]} before {environment}", _VERDICT)

    def ask(
        self, bundle: str, environment: str, operation: str, requester: str | None, run: str
    ) -> RequestStatus:
        """Find or create the approval request of a run; Conflict when the gates forbid asking."""
        document = {
            "bundle": bundle,
            "environment": environment,
            "operation": operation,
            "requester": requester,
            "run": run,
        }
        return self._post("approvals", document, f"approval of {bundle[:12]} for {environment}", _REQUEST)

    def request(self, request: str) -> RequestStatus:
        """A request and where it stands."""
        return self._site.call("GET", f"approvals/{request}", about=f"approval {request}").read_as(_REQUEST)

    def answer(
        self, request: str, number: int, dag_id: str, run_id: str, task_id: str, map_index: int
    ) -> RequestStatus:
        """Have the notary re-read one prompt's answer; Conflict when it does not count, with the reason."""
        document = {
            "number": number,
            "dag_id": dag_id,
            "run_id": run_id,
            "task_id": task_id,
            "map_index": map_index,
        }
        about = f"signature {number} of approval {request}"
        return self._post(f"approvals/{request}/answers", document, about, _REQUEST)

    def withdraw(self, dag_id: str, run_id: str) -> list[RequestStatus]:
        """Take back what the user who started a run asked or signed; Conflict says why not."""
        document = {"dag_id": dag_id, "run_id": run_id}
        return self._post("withdrawals", document, f"withdrawal by {dag_id}/{run_id}", _REQUESTS)

    def review(self, emergency: str, dag_id: str, run_id: str, task_id: str, map_index: int) -> Review:
        """Have the notary re-read a review's answer; Conflict when it does not count, with the reason."""
        document = {
            "number": 1,
            "dag_id": dag_id,
            "run_id": run_id,
            "task_id": task_id,
            "map_index": map_index,
        }
        about = f"review of emergency {emergency[:12]}"
        return self._post(f"emergencies/{emergency}/review", document, about, _REVIEW)

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
        document = {
            "bundle": bundle,
            "environment": environment,
            "operation": operation,
            "requester": requester,
            "approval": approval,
            "run": run,
        }
        about = f"warrant of {bundle[:12]} for {environment}"
        answer = self._site.call("POST", "warrants", about=about, document=document, again=True, accept={409})
        if answer.status != 409:
            return answer.read_as(_WARRANT)
        found = answer.document()
        if "verdict" not in found:
            raise refused(answer)
        return fitting(_VERDICT, found["verdict"], answer.head)

    def ticket(self, run: str, task: str, job: AnyJob) -> Ticket:
        """A ticket for a job of a run's task; the same job again gets a new token, or its result."""
        document = {"run": run, "task": task, "job": job.document()}
        return self._post("tickets", document, f"ticket of {run}/{task}", _TICKET)

    def result(self, job: str) -> dict[str, Any] | None:
        """What a pod posted, None when nothing yet."""
        answer = self._site.call("GET", f"jobs/{job}", about=f"job {job[:12]}")
        result = answer.document().get("result")
        if result is not None and not isinstance(result, dict):
            raise Garbled(f"{answer.head}: expected a result document, found {type(result).__name__}")
        return result

    def builds(self, component: str, commit: str) -> list[Build]:
        """Recorded builds of a commit."""
        asked = {"component": component, "commit": commit}
        answer = self._site.call("GET", "builds", about=f"builds of {component}", params=asked)
        return [fitting(_BUILD, found.get("build"), answer.head) for found in answer.documents()]

    def open_night(self, run: str) -> int:
        """Fill a night's queue by what its pods selected; how many cases. Conflict while one has not."""
        answer = self._site.call(
            "POST", "nights", about=f"night of {run}", document={"run": run}, again=True, accept={409}
        )
        if answer.status == 409:
            raise refused(answer)
        return int(answer.document()["cases"])

    def night(self, run: str) -> NightReport:
        """What became of a night so far."""
        answer = self._site.call("GET", "nights", about=f"night of {run}", params={"run": run})
        return answer.read_as(_NIGHT)

    def close_night(self, run: str, stored: StoredNight) -> RecordedEvent:
        """Record a night; Conflict names the selected cases that were not executed."""
        document = {"run": run, "stored": stored.document()}
        return self._post("nights/close", document, f"night of {run}", _RECORDED)

    def evidence(self, story: str) -> bytes:
        """A story's rows and the notary's signed word about them, a document a line; NotFound for none."""
        about = f"evidence of {story}"
        return self._site.call("GET", f"evidence/{story}", about=about).body

    def sign_head(self, commit: str, run: str) -> SignedHead:
        """Today's head of the ledger as a signed git tag on that commit; the same tag all day."""
        document = {"object": commit, "run": run}
        return self._post("heads", document, "today's head of the ledger", _HEAD)

    def _post(self, path: str, document: Any, about: str, form: TypeAdapter[T]) -> T:
        answer = self._site.call("POST", path, about=about, document=document, again=True, accept={409})
        if answer.status == 409:
            raise refused(answer)
        return answer.read_as(form)
