"""The ledger's head, published outside of its database once a day."""

from __future__ import annotations

from airflow.sdk import task

from hummingbird.core.outcome import Outcome
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.paths import publish_head as verb


@task(task_id="admit")
def admit_publication() -> None:
    """The door: the repository can be read and pushed to."""
    host = wiring.head_host()
    tags = [name for name in host.refs() if name.startswith("refs/tags/ledger-")]
    outcome.say(f"{host.project} holds {len(tags)} published heads")


@task
def publish_head() -> None:
    """Have the notary sign today's head and put it there, once; look whether the ones before still stand."""
    host = wiring.head_host()
    head = verb.publish_head(wiring.notary(), host, current.name()).head
    told = f"{head.tag} in {host.project}: row {head.sequence}, {head.hash[:12]}"
    outcome.say(told)
    outcome.say_of_the_run(Outcome.DONE, told)
