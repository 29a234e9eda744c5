"""The notary as a pod reaches it: one ticket, one job, one result."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from hummingbird.clients.http import Site, fitting
from hummingbird.clients.reading import Limits
from hummingbird.clients.refusal import refused
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import BearerToken
from hummingbird.core.errors import Conflict
from hummingbird.core.job import JOB, AnyJob
from hummingbird.core.night_queue import DoneCase, NextCase
from hummingbird.core.record import Record
from hummingbird.core.warrant import Consumption

_NEXT: TypeAdapter[NextCase] = TypeAdapter(NextCase)
_CONSUMPTION: TypeAdapter[Consumption] = TypeAdapter(Consumption)


class JobTicket:
    """What a job's token opens; Denied once a newer token replaced it or it expired."""

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

    def job(self) -> AnyJob:
        """The job to do."""
        answer = self._site.call("GET", "jobs/current", about="this ticket's job")
        return fitting(JOB, answer.document().get("job"), answer.head)

    def post(self, result: Record) -> None:
        """Hand in the result; the same one again changes nothing, another one is a Conflict."""
        answer = self._site.call(
            "PUT",
            "jobs/current/result",
            about="this job's result",
            document=result.document(),
            accept={409},
        )
        if answer.status == 409:
            raise refused(answer)

    def next_case(self, done: DoneCase | None) -> NextCase:
        """Report a case, take the next; asked twice, the answer is the same."""
        asked = {"done": done.document() if done else None}
        answer = self._site.call("POST", "nights/next", about="next case", document=asked, again=True)
        return answer.read_as(_NEXT)

    def keep_case(self, number: int) -> bool:
        """Say that this pod is still at work on a case; False when the case is another pod's now."""
        asked = {"number": number}
        answer = self._site.call("POST", "nights/alive", about=f"case {number}", document=asked, again=True)
        return answer.document().get("kept") is True

    def consume(self, warrant_id: str, cluster: str) -> Consumption:
        """Take the warrant for one cluster: `granted`, `finished` when used up; else Conflict."""
        about = f"warrant {warrant_id} in {cluster}"
        asked: dict[str, Any] = {"cluster": cluster}
        answer = self._site.call(
            "POST", f"warrants/{warrant_id}/consume", about=about, document=asked, again=True, accept={409}
        )
        if answer.status == 409:
            raise refused(answer)
        taken = answer.read_as(_CONSUMPTION)
        if taken.warrant != warrant_id or taken.cluster != cluster:
            raise Conflict(f"{answer.head}: found a consumption of {taken.warrant} in {taken.cluster}")
        return taken
