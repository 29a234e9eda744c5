"""No story, no release; and every story that travels with it must be deliverable too."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "story_ready"


def check(facts: Facts) -> Answer:
    """Open when every story of the bundle is known, not closed, and in a deliverable status."""
    known = {story.key: story for story in facts.stories}
    missing = [key for key in facts.bundle.stories if key not in known]
    if missing:
        return refused(
            GATE, f"{', '.join(missing)} travels in the bundle but was never read from the tracker"
        )
    for key in facts.bundle.stories:
        story = known[key]
        if story.closed:
            return refused(GATE, f"{key} ({story.title}) is closed; reopen it or take its commits out")
        if story.status not in facts.deliverable_statuses:
            expected = ", ".join(facts.deliverable_statuses)
            return refused(GATE, f"{key} ({story.title}) is '{story.status}'; expected one of {expected}")
    return is_open(
        GATE, f"{len(facts.bundle.stories)} of {len(facts.bundle.stories)} stories are deliverable"
    )
