"""`make demo FAIL=…`: what goes wrong in production, how it ends by itself, and how the story gets there yet.

`readiness`, `crash` and `smoke` are mistakes in the story's version that show in production alone: it must
end rolled back. `cloud` makes a cluster unreachable: the others must be served, and a later run must bring
only what is missing.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.faults.book import Book
from sandbox.faults.rule import rule
from sandbox.onebox.lifecycle import Say
from sandbox.onebox.place import Place
from sandbox.onebox.play.player import Player
from sandbox.onebox.play.systems import Ticket
from sandbox.seed.catalog import read_catalog
from sandbox.seed.stories import MISTAKES, commits_for, mend_for

CLOUD = "cloud"
MISHAPS = (*MISTAKES, CLOUD)
PRODUCTION = "PRO"


def show_mishap(place: Place, story: Ticket, fail: str, say: Say, trace: Callable[[], object]) -> None:
    """Let it go wrong, show how that ended, and put it right; Stopped when anything ends differently."""
    say(f"story {story.key} {story.title} ({story.status}), and FAIL={fail}")
    print(f"  find all of it: {place.airflow_url}/dag_runs?run_id_pattern={story.key}", flush=True)
    if fail == CLOUD:
        _without_a_cloud(place, story, say, trace)
    else:
        _with_a_mistake(place, story, fail, say, trace)


def _with_a_mistake(place: Place, story: Ticket, fail: str, say: Say, trace: Callable[[], object]) -> None:
    player = Player(place, story, commits_for(story.key, story.title, fail), say)
    player.release()
    player.deliver("test_deploy")
    player.deliver_in_vain("prod_deploy", "rolled back")
    trace()
    say("as designed: production runs what ran before. The developer mends it.")
    mender = Player(place, story, [mend_for(story.key, fail, story.title)], say)
    mender.release()
    for path in ("test_deploy", "prod_deploy"):
        mender.deliver(path, again=path == "test_deploy")


def _without_a_cloud(place: Place, story: Ticket, say: Say, trace: Callable[[], object]) -> None:
    player = Player(place, story, commits_for(story.key, story.title), say)
    player.release()
    player.deliver("test_deploy")
    cluster = next(
        one.name for one in reversed(read_catalog().clusters) if one.apollo_environment == PRODUCTION
    )
    book = Book(place.world)
    lost = book.add(rule({"system": cluster, "kind": "gone"}))
    say(f"cluster {cluster} is gone: its API refuses every connection")
    try:
        player.deliver_in_vain("prod_deploy", "partial")
    finally:
        book.clear(lost.id)
        say(f"cluster {cluster} answers again")
    trace()
    say("as designed: the other clusters serve, and nothing was rolled back. Once more, for the missing one.")
    player.deliver("prod_deploy")
