"""`make onboard REPO=… NAME=…`: look, try, import, take the baseline, push what delivers it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.onboarding.delivery import PIPELINE, delivery_files
from sandbox.onboarding.entry import entries, entry_of, free_port, write_entry
from sandbox.onboarding.importing import Story, find_or_write_story, import_project, push_delivery
from sandbox.onboarding.program import Program, recognise
from sandbox.onboarding.refusal import CannotJoin
from sandbox.onboarding.source import Source, clone
from sandbox.onboarding.trial import Served, try_program
from sandbox.onebox.place import Place
from sandbox.onebox.platform_environment import sandbox_environment
from sandbox.seed.catalog import CatalogComponent

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 40
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What the person asked for."""

    repository: str
    name: str
    ref: str | None = None
    owner: str = "developer"
    accept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Looked:
    """A repository that can join."""

    source: Source
    program: Program
    served: Served
    files: dict[str, str]


def look(wish: Wish, scratch: Path, say: Say) -> Looked:
    """Everything that can be known without touching a system; CannotJoin says what to add."""
    if not NAME.fullmatch(wish.name) or len(wish.name) > LONGEST_NAME:
        raise CannotJoin(
            f"NAME={wish.name} cannot name a service: lower case letters, digits and dashes, a letter first, "
            f"{LONGEST_NAME} at most"
        )
    source = clone(wish.repository, wish.ref, scratch / "source")
    say(f"{source.origin} at {source.commit[:12]}")
    program = recognise(source)
    say(f"{program.language}, {program.shape}: `{program.start}`")
    delivery_files(
        source, wish.name, program, "/"
    )  # a pipeline that cannot run is told before anything is installed
    tree = scratch / "tree"
    _export(source, tree)
    served = try_program(tree, program, scratch)
    say(f"it serves on $PORT after {served.seconds:.1f} s; {served.path} answers")
    return Looked(source, program, served, delivery_files(source, wish.name, program, served.path))


def join(place: Place, wish: Wish, say: Say) -> Story:
    """Bring the repository in; the same command again finds what is there and goes on."""
    with tempfile.TemporaryDirectory(prefix="onboarding-") as folder:
        scratch = Path(folder)
        looked = look(wish, scratch, say)
        shipped = place.repository / "include" / "catalog"
        if wish.name in _names(shipped):
            raise CannotJoin(f"{wish.name} is in the shipped catalogue already; choose another NAME")
        port = free_port([shipped, place.catalogue], wish.name)
        entry = entry_of(wish.name, wish.name, looked.program, looked.served, port)
        component = CatalogComponent(
            name=wish.name,
            title=wish.name,
            group="trading",
            project=wish.name,
            language=looked.program.language,
            apollo_app=wish.name,
        )
        import_project(place, component, looked.source, own_pipeline=PIPELINE not in looked.files)
        say(f"GitLab has trading/{wish.name} with its history, Apollo its application")
        write_entry(place.catalogue, wish.name, entry)
        _hummingbird(
            place,
            "baseline",
            "take",
            wish.name,
            "--checkout",
            str(looked.source.folder),
            "--commit",
            looked.source.commit,
            "--owner",
            wish.owner,
        )
        taken = (place.catalogue / "baselines" / f"{wish.name}.yaml").exists()
        for person in wish.accept if taken else ():
            _hummingbird(place, "baseline", "accept", wish.name, "--person", person)
        story = find_or_write_story(place, wish.name)
        head = push_delivery(place, component, story, looked.files)
        say(f"{story.key}: {story.branch} at {head[:8]} holds what delivers it")
        return story


def _names(folder: Path) -> set[str]:
    return set(entries(folder))


def _export(source: Source, tree: Path) -> None:
    """The commit's files alone, as the pipeline's image gets them."""
    archive = tree.with_suffix(".tar")
    source.git("archive", "--format=tar", f"--output={archive}", source.commit)
    with tarfile.open(archive) as packed:
        packed.extractall(tree, filter="data")


def _hummingbird(place: Place, *words: str) -> None:
    """The platform's own command, told where the scanners are."""
    environment = sandbox_environment(place)
    environment["PATH"] = os.pathsep.join([environment["SANDBOX_BASE_PATH"], environment["PATH"]])
    done = subprocess.run([sys.executable, "-m", "hummingbird", *words], env=environment, check=False)
    if done.returncode != 0:
        raise CannotJoin(f"`hummingbird {' '.join(words[:3])}` said no, see above")
