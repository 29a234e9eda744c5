"""`hummingbird baseline take|accept|show NAME`: known findings of what joins, as an edit of the catalogue.

Each command edits one file, as a merge request would; who merges it is the catalogue's own affair.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.baseline import Acceptance, Baseline, known
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Denied, Invalid, NotFound
from hummingbird.core.finding import Finding
from hummingbird.joining import baseline_file
from hummingbird.scanners.registry import scanner
from hummingbird.workloads.checkout import Checkout
from hummingbird.workloads.scan_view import build_view
from hummingbird.workloads.scanning import scan_all


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    take = verbs.add_parser("take", help="scan a checkout and write down what is there")
    take.add_argument("component")
    take.add_argument("--checkout", type=Path, required=True, help="a clone that holds the commit")
    take.add_argument("--commit", required=True)
    take.add_argument("--owner", required=True, help="catalogue person who answers for it")
    take.add_argument("--days", type=int, help="how long it may hold; the catalogue's rule without it")
    take.set_defaults(run=_take)
    accept = verbs.add_parser("accept", help="add one person's word; the rule names the roles")
    accept.add_argument("component")
    accept.add_argument("--person", required=True, help="catalogue person; never the owner")
    accept.set_defaults(run=_accept)
    show = verbs.add_parser("show", help="what it covers, whose it is, until when, who is missing")
    show.add_argument("component")
    show.set_defaults(run=_show)


def _take(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    folders = catalogue_folders(environment)
    catalogue = load_catalogue(*folders)
    component = catalogue.component(chosen.component)
    if chosen.owner not in catalogue.persons:
        raise NotFound(f"no person is named {chosen.owner}; there are {', '.join(catalogue.persons)}")
    days = chosen.days or catalogue.baseline.days
    if not 1 <= days <= catalogue.baseline.days:
        raise Invalid(f"--days {days}: a baseline holds for 1 to {catalogue.baseline.days} days")
    now = datetime.now(UTC).replace(microsecond=0)
    names = [name for language in component.languages for name in catalogue.scanners[language]]
    found = findings_of(chosen.checkout, chosen.commit, list(dict.fromkeys(names)))
    baseline = Baseline(
        component=component.name,
        commit=chosen.commit,
        taken_at=now,
        owner=chosen.owner,
        expires_at=now + timedelta(days=days),
        findings=known(found),
    )
    path = baseline_file.place_of(folders, component.name)
    if not found:
        path.unlink(missing_ok=True)
        sys.stdout.write(
            f"DONE: {component.name} at {chosen.commit[:8]} has no finding: no baseline is needed\n"
        )
        return 0
    baseline_file.write(path, baseline)
    sys.stdout.write(f"DONE: {_sentence(baseline)} in {path}\n")
    sys.stdout.write(f"{_standing(catalogue, baseline)}\n")
    return 0


def _accept(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    folders = catalogue_folders(environment)
    catalogue = load_catalogue(*folders)
    baseline = _baseline(catalogue, chosen.component)
    acceptance = accepted(catalogue, baseline, chosen.person, datetime.now(UTC).replace(microsecond=0))
    changed = baseline.model_copy(update={"accepted_by": [*baseline.accepted_by, acceptance]})
    baseline_file.write(baseline_file.place_of(folders, baseline.component), changed)
    sys.stdout.write(f"DONE: {chosen.person} accepts as {acceptance.role}; {_standing(catalogue, changed)}\n")
    return 0


def _show(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    catalogue = load_catalogue(*catalogue_folders(environment))
    baseline = _baseline(catalogue, chosen.component)
    sys.stdout.write(f"{_sentence(baseline)}; {_standing(catalogue, baseline)}\n")
    return 0 if baseline.why_void(catalogue.baseline, datetime.now(UTC)) is None else 1


def accepted(catalogue: Catalogue, baseline: Baseline, person: str, now: datetime) -> Acceptance:
    """The acceptance of a person in a role that is still missing; Denied says why it cannot be."""
    if person not in catalogue.persons:
        raise NotFound(f"no person is named {person}; there are {', '.join(catalogue.persons)}")
    if person == baseline.owner:
        raise Denied(f"{person} owns the baseline of {baseline.component}; two others must accept it")
    if any(one.person == person for one in baseline.accepted_by):
        raise Denied(f"{person} accepted the baseline of {baseline.component} already; another is needed")
    missing = baseline.missing_roles(catalogue.baseline)
    role = next((role for role in missing if role in catalogue.persons[person].roles), None)
    if role is None:
        wanted = " or ".join(missing) or "nobody more"
        raise Denied(f"{person} holds none of the roles that are missing: {wanted}")
    return Acceptance(person=person, role=role, at=now)


def findings_of(checkout: Path, commit: str, scanners: list[str]) -> list[Finding]:
    """What the scanners find in all files of a commit, as a full scan does it."""
    chosen = [scanner(name) for name in scanners]
    with tempfile.TemporaryDirectory(prefix="baseline-") as folder:
        scratch = Path(folder)
        tree, home = scratch / "tree", scratch / "home"
        home.mkdir()
        clone = Checkout(checkout.resolve(), home, commit)
        clone.git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            names = Checkout(tree, home, commit).files()
            view = scratch / "view"
            build_view(tree, names, chosen, view)
            return [finding for each in scan_all(chosen, names, view, scratch) for finding in each.findings]
        finally:
            clone.git("worktree", "remove", "--force", str(tree))


def _baseline(catalogue: Catalogue, component: str) -> Baseline:
    name = catalogue.component(component).name
    if name not in catalogue.baselines:
        raise NotFound(f"{name} has no baseline: nothing of it is known and excused")
    return catalogue.baselines[name]


def _sentence(baseline: Baseline) -> str:
    counts = Counter(one.severity.value for one in baseline.findings)
    kinds = ", ".join(f"{counts[one]} {one}" for one in ("high", "medium", "low") if counts[one]) or "no"
    return (
        f"the baseline of {baseline.component} at {baseline.commit[:8]} has {kinds} findings, "
        f"is owned by {baseline.owner} and expires on {baseline.expires_at.date()}"
    )


def _standing(catalogue: Catalogue, baseline: Baseline) -> str:
    return baseline.why_void(catalogue.baseline, datetime.now(UTC)) or "it is accepted and holds"
