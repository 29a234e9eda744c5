"""What a story waits for, for whom and since when; or what happens, or how it ended: one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from hummingbird.cockpit.wording import ago, moment
from hummingbird.core.approval import ApprovalRequest
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.event import EventKind, RecordedEvent

Row = Mapping[str, Any]
SILENT = timedelta(hours=24)
"""A run that was admitted so long ago and has not told its end, and asks nobody, is to be looked at."""
_ENDS = (EventKind.RUN_FINISHED.value, EventKind.RUN_REFUSED.value)


@dataclass(frozen=True)
class Wait:
    """An open question to people."""

    id: str
    request: ApprovalRequest
    answered: tuple[str, ...]
    """Who signed already, as a sentence each."""
    missing: tuple[str, ...]
    """Titles of the roles that have not."""
    people: tuple[str, ...]
    """Who could answer."""

    @property
    def story(self) -> str:
        """The story it is about."""
        return str(self.request.story)


@dataclass(frozen=True)
class Now:
    """One word and one sentence."""

    word: str
    """`WAITING`, `OVERDUE`, `RUNNING`, `SILENT`, or the last run's `DONE`, `REFUSED`, `BROKEN`."""
    sentence: str
    run: str | None = None
    document: int | None = None
    """Sequence of the event whose line is the sentence, where that still has to be read."""
    companion: str | None = None
    """The story under whose runs this one travels, when it has none of its own."""


def open_wait(
    catalogue: Catalogue, asked: RecordedEvent, given: Sequence[Mapping[str, Any]], now: datetime
) -> Wait | None:
    """The question, when people may still answer it; None when it is answered, rejected or too old."""
    try:
        request = ApprovalRequest.model_validate(asked.event.data.get("request"))
    except ValidationError:
        return None
    signed = {one.get("number") for one in given}
    unsigned = [signature for signature in request.signatures if signature.number not in signed]
    missing = [signature.role for signature in unsigned]
    if not missing or now >= request.expires_at or any(one.get("decision") == "rejected" for one in given):
        return None
    titles = {name: role.title for name, role in catalogue.roles.items()}
    taken = {one.get("person") for one in given} | {request.requester}
    people = [
        person.title
        for signature in unsigned
        for person in catalogue.holders_of_any(signature.roles)
        if person.name not in taken and signature.open_to(person.name)
    ]
    return Wait(
        id=asked.event.subject,
        request=request,
        answered=tuple(
            f"{_person(catalogue, one.get('person'))} as {titles.get(str(one.get('role')), one.get('role'))}"
            for one in given
        ),
        missing=tuple(titles.get(role, role) for role in missing),
        people=tuple(dict.fromkeys(people)),
    )


def wait_sentence(catalogue: Catalogue, wait: Wait, now: datetime) -> str:
    """For whom, what for, since when, until when."""
    request = wait.request
    where = title_of(catalogue, request.environment)
    what = f"the rollback in {where}" if request.operation == "rollback" else f"{where}"
    if request.emergency is not None:
        what = f"{where} in emergency {request.emergency.incident}"
    told = f"waits for {_and(wait.missing)} to sign for {what}"
    if wait.people:
        told += f" ({_or(wait.people)})"
    told += f", since {moment(request.asked_at)} ({ago(request.asked_at, now)})"
    if wait.answered:
        told += f"; {_and(wait.answered)} signed"
    by = f"asked by {_person(catalogue, request.requester)}" if request.requester else "asked by the platform"
    return f"{told}; {by}, valid until {moment(request.expires_at)}"


def now_of(
    key: str,
    happened: Sequence[Row],
    waits: Sequence[Wait],
    sentences: Sequence[str],
    now: datetime,
    owed: Now | None = None,
) -> Now:
    """What is to be said of a story; `happened` also has the rows of those that carried it, oldest first.

    `owed`: that broken glass waits for its review.
    """
    rows = [row for row in happened if row["story"] == key]
    if waits:
        word = owed.word if owed else "WAITING"
        return Now(
            word, "; ".join([*sentences, *([owed.sentence] if owed else [])]), waits[0].request.asked_by
        )
    if owed is not None:
        return owed
    flying = _flying(rows)
    if flying:
        first, last = flying[0], flying[-1]
        silent = now - first["at"] > SILENT
        told = f"{_path(first['run'])} is under way since {moment(first['at'])} ({ago(first['at'], now)})"
        if silent:
            told = (
                f"{_path(first['run'])} began {moment(first['at'])} ({ago(first['at'], now)} ago) "
                "and has not told its end; look at its run"
            )
        elif last["run"] != first["run"]:
            told += f", now at {_path(last['run'])}"
        decided = [row for row in rows if row["kind"] == EventKind.GATES_DECIDED.value]
        runs = {row["run"] for row in flying}
        gate = next((row["sequence"] for row in reversed(decided) if row["run"] in runs), None)
        return Now("SILENT" if silent else "RUNNING", told, first["run"], gate)
    ends = [row for row in rows if row["kind"] in _ENDS]
    if ends:
        return Now("", "", ends[-1]["run"], ends[-1]["sequence"])
    carriers = [row["story"] for row in happened if row["story"] not in (None, key)]
    if carriers:
        return Now("", "travels with", companion=carriers[-1])
    return Now("", "the ledger has no run of it yet")


def told_by(now: Now, document: RecordedEvent | None) -> Now:
    """The same with the line that the document holds: how the last run ended, or which gate keeps it."""
    if document is None:
        return now
    data = document.event.data
    if document.event.kind is EventKind.GATES_DECIDED:
        shut = _shut(data)
        return Now("WAITING", f"{now.sentence}; {shut}", now.run) if shut else now
    if document.event.kind is EventKind.RUN_REFUSED:
        return Now("REFUSED", f"{_path(now.run)}: {data.get('why') or 'no reason was recorded'}", now.run)
    word, _, sentence = str(data.get("line") or "").partition(": ")
    return Now(word, f"{_path(now.run)}: {sentence}" if sentence else _path(now.run), now.run)


def title_of(catalogue: Catalogue, environment: str | None) -> str:
    """An environment's title; its name when the catalogue does not have it any more."""
    known = catalogue.environments.get(environment or "")
    return known.title if known else str(environment)


def _shut(data: Mapping[str, Any]) -> str:
    verdict = data.get("verdict")
    answers = verdict.get("answers") if isinstance(verdict, dict) else None
    waiting = [
        f"{one.get('gate')}: {one.get('why')}"
        for one in (answers if isinstance(answers, list) else [])
        if isinstance(one, dict) and one.get("state") == "waiting"
    ]
    return "; ".join(waiting)


def _flying(rows: Sequence[Row]) -> list[Row]:
    """Admissions of runs that have not told their end, oldest first, from the newest root on."""
    ended = {row["run"] for row in rows if row["kind"] in _ENDS}
    admitted = {
        row["run"]: row
        for row in rows
        if row["kind"] == EventKind.RUN_ADMITTED.value and row["run"] and row["run"] not in ended
    }
    return list(admitted.values())


def _path(run: str | None) -> str:
    return (run or "").partition("/")[0] or "a run"


def _person(catalogue: Catalogue, name: object) -> str:
    known = catalogue.persons.get(str(name))
    return known.title if known else str(name)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
