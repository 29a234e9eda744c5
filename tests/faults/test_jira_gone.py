"""F25: without Jira nothing is admitted to production: the door fails, it is never open."""

from __future__ import annotations

import pytest

from builders import the_catalogue
from faulty import fault
from hummingbird.clients.jira import JiraTracker
from hummingbird.core.errors import Retryable
from hummingbird.paths.admit import Request
from hummingbird.paths.admit_prod import admit_prod
from hummingbird.paths.admit_rollback import admit_rollback
from sandbox_world import SandboxWorld
from world_in_memory import MemoryNotary


@pytest.mark.parametrize("kind", ["gone", "status", "html", "truncate"])
def test_no_story_is_admitted_to_production_without_jira(
    seeded: SandboxWorld, jira: JiraTracker, kind: str
) -> None:
    notary = MemoryNotary()
    asked = Request(dag_id="prod_deploy", run_id="r1", story="HB-101", requester="release_manager")
    with fault(seeded.world, "jira", kind):
        with pytest.raises(Retryable):
            admit_prod(the_catalogue(), jira, notary, asked)
        with pytest.raises(Retryable):
            admit_rollback(the_catalogue(), jira, notary, asked, "prod")
    assert notary.recorded == []
