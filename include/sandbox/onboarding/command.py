"""`make onboard REPO=… NAME=…` and `make deliver NAME=…`: what the person says comes by environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from requests import RequestException

from sandbox.onboarding.deliver import Delivery
from sandbox.onboarding.importing import find_or_write_story
from sandbox.onboarding.join import Wish, join
from sandbox.onboarding.refusal import CannotJoin
from sandbox.onebox.airflow_api import Refused
from sandbox.onebox.place import Place
from sandbox.onebox.play.news import Stopped
from sandbox.seed.api import SeedError

Say = Callable[[str], None]


def onboard(place: Place, say: Say) -> int:
    """0 when the repository joined; 1 with the sentence that says what to add."""
    repository, name = os.environ.get("REPO", ""), os.environ.get("NAME", "")
    if not repository or not name:
        print("Say which and as what: make onboard REPO=<path or URL> NAME=<component>", file=sys.stderr)
        return 2
    wish = Wish(
        repository=repository,
        name=name,
        ref=os.environ.get("REF") or None,
        owner=os.environ.get("OWNER") or "developer",
        accept=tuple(os.environ.get("ACCEPT", "").split()),
    )
    try:
        story = join(place, wish, say)
    except (CannotJoin, SeedError) as no:
        print(f"\n{name} cannot join yet: {no}", file=sys.stderr)
        return 1
    say(f"{name} joined; `make deliver NAME={name}` plays {story.key} to production, or do it by hand")
    return 0


def deliver(place: Place, say: Say) -> int:
    """0 when what joined is in production; 1 with the sentence of the run that said no."""
    name = os.environ.get("NAME", "")
    if not name:
        print("Say which: make deliver NAME=<component>", file=sys.stderr)
        return 2
    try:
        Delivery(place, name, find_or_write_story(place, name), say).play()
    except (Stopped, Refused, SeedError) as stopped:
        print(f"\n{stopped}", file=sys.stderr)
        return 1
    except RequestException as lost:
        print(f"\n{place.airflow_url} does not answer: {lost}; the same command goes on.", file=sys.stderr)
        return 1
    say(f"{name} is in production")
    return 0
