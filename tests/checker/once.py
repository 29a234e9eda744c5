"""Every effect outside exists exactly once: pipeline, tag, merge request, note, comment, prompt."""

from __future__ import annotations

import re
from collections import Counter

from checker.ledger import ASKED, BUILT, STORY_CLOSED, TAGGED, Event, of
from checker.seen import Run, Seen

_MARKER = re.compile(r"hummingbird:[a-z]+(?::[A-Za-z0-9_.:/-]+)?")
ASKED_AGAIN = "marking is not an approval"
"""A run of `approval` whose note says this was put again, as it must."""


def check(events: list[Event], seen: Seen) -> list[str]:
    """What is wrong, a sentence each."""
    return [*_pipelines(events, seen), *_tags(events, seen), *_words(events, seen), *_prompts(events, seen)]


def _pipelines(events: list[Event], seen: Seen) -> list[str]:
    count = Counter((project, commit) for project, commit, _ in seen.pipelines)
    wrong = [
        f"{project} {commit[:8]} has {number} pipelines"
        for (project, commit), number in count.items()
        if number > 1
    ]
    known = {number for _, _, number in seen.pipelines}
    builds = Counter((event.component, event.data["build"]["commit"]) for event in of(events, BUILT))
    wrong += [f"{name} {commit[:8]} was built {n} times" for (name, commit), n in builds.items() if n > 1]
    return wrong + [
        f"row {event.sequence}: pipeline {event.data['build']['pipeline_id']} is not in GitLab"
        for event in of(events, BUILT)
        if event.data["build"]["pipeline_id"] not in known
    ]


def _tags(events: list[Event], seen: Seen) -> list[str]:
    told = {event.subject: event.data["commit"] for event in of(events, TAGGED)}
    there: dict[str, list[str]] = {}
    for tag in seen.tags:
        there.setdefault(f"{tag.project}@{tag.name}", []).append(tag.commit)
    return [
        f"tag {name} is on {[one[:8] for one in there.get(name, [])]}, the ledger says {commit[:8]}"
        for name, commit in told.items()
        if there.get(name) != [commit]
    ]


def _words(events: list[Event], seen: Seen) -> list[str]:
    """Comments and notes carry a marker that names them: one of each."""
    wrong = []
    for story, bodies in seen.comments.items():
        markers = Counter(marker for body in bodies for marker in set(_MARKER.findall(body)))
        wrong += [f"{story} has {n} comments {marker}" for marker, n in markers.items() if n > 1]
        for event in of(events, STORY_CLOSED):
            marker = f"hummingbird:delivered:{str(event.bundle)[:12]}"
            if event.subject == story and markers[marker] != 1:
                wrong.append(
                    f"{story} was closed (row {event.sequence}) with {markers[marker]} comments {marker}"
                )
    for request in seen.merge_requests:
        markers = Counter(marker for body in request.notes for marker in set(_MARKER.findall(body)))
        where = f"{request.project}!{request.number}"
        wrong += [f"{where} has {n} notes {marker}" for marker, n in markers.items() if n > 1]
    twins = Counter((one.project, one.source, one.target, one.head) for one in seen.merge_requests)
    return wrong + [
        f"{project} has {n} merge requests from {source} to {target} at {head[:8]}"
        for (project, source, target, head), n in twins.items()
        if n > 1
    ]


def _prompts(events: list[Event], seen: Seen) -> list[str]:
    """A request is put to people by one run of `approval`; by one more for every time it was marked."""
    wrong = []
    for event in of(events, ASKED):
        if not event.data["request"]["signatures"]:
            continue
        runs = [
            run for run in seen.runs if run.dag == "approval" and run.conf.get("request") == event.subject
        ]
        counted = [run for run in runs if ASKED_AGAIN not in run.note]
        owner = next((run for run in seen.runs if run.name == event.run), None)
        if len(counted) > 1 or (not runs and owner is not None and owner.state == "success"):
            wrong.append(f"request {event.subject} was put to people by {[run.id for run in runs]}")
        wrong += [f"{run.name}: {one}" for run in counted if (one := _too_many(run, event))]
    return wrong


def _too_many(run: Run, event: Event) -> str | None:
    prompts = [task for task in run.tasks if task.name.startswith("sign[")]
    needed = len(event.data["request"]["signatures"])
    return f"{len(prompts)} prompts for {needed} signatures" if len(prompts) > needed else None
