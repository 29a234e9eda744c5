"""The cases that a night's pod found at a commit, from the notary's working table."""

from __future__ import annotations

from sqlalchemy import Connection, select

from hummingbird.core.component import Component
from hummingbird.core.job import SelectJob
from hummingbird.core.regression import Selection
from hummingbird.ledger.schema import job as jobs

KIND = "regression_select"


def newest_selection(connection: Connection, component: Component, commit: str) -> Selection | None:
    """What the newest night selected of a component at a commit; None when none did with these suites."""
    query = select(jobs.c.document, jobs.c.result).where(jobs.c.kind == KIND, jobs.c.result.is_not(None))
    for row in connection.execute(query.order_by(jobs.c.posted_at.desc())):
        asked = SelectJob.model_validate_json(row.document)
        if (asked.component.name, asked.commit) != (component.name, commit):
            continue
        if asked.component.nightly_suites == component.nightly_suites:
            return Selection.model_validate_json(row.result)
    return None
