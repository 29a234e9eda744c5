"""The door of test_deploy: the story's candidates, and every story that travels with them.

A story without commits delivers configuration only: what its editors left in the configuration centre for it.
"""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.errors import NotFound
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary, SettingsStore, Tracker
from hummingbird.core.story import Story, StoryKey
from hummingbird.paths.admit import Refusal, Request, frozen, read_story
from hummingbird.paths.candidate import Candidate, find_candidate
from hummingbird.paths.settings_edits import find_edits


def admit_test(
    catalogue: Catalogue,
    tracker: Tracker,
    code: CodeHost,
    settings: SettingsStore,
    notary: Notary,
    request: Request,
) -> Plan | Refusal:
    """The plan of test_deploy: the story's candidates, with every co-travelling story deliverable."""
    story = read_story(catalogue, tracker, request.story)
    if isinstance(story, Refusal):
        return story
    if story.status not in catalogue.stories.deliverable_statuses:
        expected = ", ".join(catalogue.stories.deliverable_statuses)
        return Refusal(why=f"{story.key} ({story.title}) is '{story.status}'; expected one of {expected}")
    candidates = _candidates(catalogue, code, notary, story.key)
    if isinstance(candidates, Refusal):
        edits = _edits(catalogue, settings, notary, story.key, candidates)
        return edits if isinstance(edits, Refusal) else frozen(catalogue, request, story, "test", edits)
    travelling = _travelling(catalogue, tracker, candidates, story.key)
    if isinstance(travelling, Refusal):
        return travelling
    planned = [candidate.planned for candidate in candidates]
    stage = catalogue.environment_of(request.dag_id)
    plan = frozen(catalogue, request, story, stage.name, planned)
    return plan.model_copy(update={"travelling": travelling})


def _candidates(
    catalogue: Catalogue, code: CodeHost, notary: Notary, key: StoryKey
) -> list[Candidate] | Refusal:
    clusters = catalogue.production.clusters
    found, reasons = [], []
    for component in catalogue.components.values():
        if component.jira_project != key.split("-", maxsplit=1)[0]:
            continue
        candidate = find_candidate(code, notary, component, key, clusters)
        if isinstance(candidate, Candidate):
            found.append(candidate)
        else:
            reasons.append(candidate)
    return found or Refusal(why="; ".join(reasons))


def _edits(
    catalogue: Catalogue, settings: SettingsStore, notary: Notary, key: StoryKey, without: Refusal
) -> list[PlannedComponent] | Refusal:
    """The story's configuration items, by component; without any, the refusal that names both ways."""
    found, reasons = [], []
    for component in catalogue.components.values():
        if component.jira_project != key.split("-", maxsplit=1)[0]:
            continue
        edits = find_edits(catalogue, settings, notary, component, key)
        if isinstance(edits, PlannedComponent):
            found.append(edits)
        elif edits is not None:
            reasons.append(edits)
    if reasons:
        return Refusal(why="; ".join(reasons))
    apart = (
        f"nor has Apollo an item whose comment names {key} and whose value is not the running one: to "
        "deliver configuration alone, edit the items there, name the story in their comment and do not "
        "release them"
    )
    return found or Refusal(why=f"{without.why}; {apart}")


def _travelling(
    catalogue: Catalogue, tracker: Tracker, candidates: list[Candidate], asked: StoryKey
) -> list[Story] | Refusal:
    """Every other story that the candidates carry; one that is not deliverable refuses, by name."""
    travelling: dict[StoryKey, Story] = {}
    for candidate in candidates:
        branch = f"{candidate.planned.branch} of {candidate.planned.name}"
        for key in candidate.stories:
            if key == asked or key in travelling:
                continue
            if not _is_story(catalogue, tracker, key):
                continue
            other = read_story(catalogue, tracker, key)
            if isinstance(other, Refusal):
                return Refusal(why=f"{branch} also carries {key}: {other.why}")
            if other.status not in catalogue.stories.deliverable_statuses:
                return Refusal(why=f"{branch} also carries {key} ({other.title}), which is '{other.status}'")
            travelling[key] = other
    return list(travelling.values())


def _is_story(catalogue: Catalogue, tracker: Tracker, key: StoryKey) -> bool:
    """Whether a mention is a story at all: UTF-8 and SHA-256 look like keys; a foreign story is one."""
    if key.split("-")[0] in {component.jira_project for component in catalogue.components.values()}:
        return True
    try:
        tracker.story(key)
    except NotFound:
        return False
    return True
