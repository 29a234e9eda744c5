"""`make demo`: the next story from commit to production, or one that goes wrong there on purpose."""

from __future__ import annotations

import os
import subprocess
import sys

from requests import RequestException

from sandbox.onebox.airflow_api import Refused
from sandbox.onebox.lifecycle import Say
from sandbox.onebox.place import Place
from sandbox.onebox.platform_environment import trace_environment
from sandbox.onebox.play.mishap import MISHAPS, show_mishap
from sandbox.onebox.play.news import Stopped
from sandbox.onebox.play.player import Player
from sandbox.onebox.play.systems import Backlog, Ticket
from sandbox.seed.api import SeedError
from sandbox.seed.stories import commits_for


def play(place: Place, say: Say) -> int:
    """0 when it ended as it was to end; 1 with the sentence and the link of the run that said otherwise."""
    try:
        return _play(place, say, os.environ.get("STORY", ""), os.environ.get("FAIL", ""))
    except (Stopped, Refused, SeedError) as stopped:
        print(f"\n{stopped}", file=sys.stderr)
        return 1
    except RequestException as lost:
        print(f"\n{place.airflow_url} does not answer: {lost}; the same command goes on.", file=sys.stderr)
        return 1


def _play(place: Place, say: Say, chosen: str, fail: str) -> int:
    backlog = Backlog(place)
    if fail and fail not in MISHAPS:
        raise Stopped(f"FAIL={fail} is not known: it is one of {', '.join(MISHAPS)}")
    if fail and not backlog.has_delivered():
        say("production is empty: a good story first, so that there is something to go back to")
        deliver(place, backlog.next(), say)
    story = backlog.story(chosen) if chosen else backlog.next()
    if fail:
        show_mishap(place, story, fail, say, lambda: trace(place, story))
    else:
        deliver(place, story, say)
    told = trace(place, story)
    say(f"{story.key} is in production; everything keeps running (`make down` stops it)")
    return told


def deliver(place: Place, story: Ticket, say: Say) -> None:
    """One story to production; Stopped when somebody or something says no."""
    say(f"story {story.key} {story.title} ({story.status})")
    print(f"  find all of it: {place.airflow_url}/dag_runs?run_id_pattern={story.key}", flush=True)
    player = Player(place, story, commits_for(story.key, story.title), say)
    player.release()
    for path in ("test_deploy", "prod_deploy"):
        player.deliver(path)


def trace(place: Place, story: Ticket) -> int:
    """Print the story's way, told from the ledger; the command's exit code."""
    command = [str(place.python), "-m", "hummingbird", "trace", story.key]
    return subprocess.run(command, env=trace_environment(place), check=False).returncode
