"""`hummingbird suites [COMPONENT]`: what the nightly regression would run, told to a person or a program."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy.exc import OperationalError

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.artifact import Commit
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import Invalid, NotFound, Unreachable
from hummingbird.core.regression import ExpectedFrom, NightComponent
from hummingbird.ledger.command import READER_DSN
from hummingbird.ledger.engine import connect
from hummingbird.reports.night_words import duration
from hummingbird.workloads.mounted import GitlabAccess
from hummingbird.workloads.tonight import Listing, Look, Tonight, TonightCase, look_at, looking_into

URL, USER, TOKEN = "HB_GITLAB_URL", "HB_GITLAB_USER", "HB_GITLAB_TOKEN"
PATH = "nightly_regression"
SOURCES = {
    ExpectedFrom.MEASURED: "measured on earlier nights",
    ExpectedFrom.FILE: "as the others of their file",
    ExpectedFrom.SUITE: "as the others of their suite",
    ExpectedFrom.GUESS: "guessed",
}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("component", nargs="?", help="of this component alone, case by case")
    parser.add_argument(
        "--json", action="store_true", help="one JSON document for programs, every case in it"
    )
    parser.add_argument("--dsn", help=f"PostgreSQL DSN of a reader; else ${READER_DSN}")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Tell it; 1 when the cases of something that runs are not known."""
    catalogue = load_catalogue(*catalogue_folders(environment))
    if chosen.component is not None and not catalogue.component(chosen.component).nightly_suites:
        raise Invalid(f"{chosen.component} brings no nightly suite; docs/onboarding.md says how to add one")
    dsn = chosen.dsn or environment.get(READER_DSN)
    if not dsn:
        raise Invalid(f"no database was named: give --dsn or set {READER_DSN}")
    engine = connect(dsn, pool_size=1, name="hummingbird-suites")
    try:
        with engine.connect() as connection:
            tonight = look_at(connection, catalogue, _look(environment), chosen.component)
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    finally:
        engine.dispose()
    told = _document(tonight) if chosen.json else "\n".join(lines(catalogue, tonight, chosen.component))
    sys.stdout.write(told + "\n")
    return int(bool(tonight.unknown))


def lines(catalogue: Catalogue, tonight: Tonight, only: str | None = None) -> Iterator[str]:
    """What a person reads: components and suites; the cases too where one component is asked for."""
    plan, schedule = tonight.plan, catalogue.schedules.get(PATH)
    when = f'by schedule "{schedule.cron}" {schedule.timezone}' if schedule else "started by hand alone"
    yield f"Nightly regression in {plan.environment}, cluster {plan.cluster}, {when}"
    for each in plan.components:
        yield from _component(tonight, each)
    for name in tonight.idle:
        yield f"{name} does not run in {plan.environment}: its nightly suites are left out"
    if tonight.cases:
        yield from _summary(catalogue, tonight)
    if only is not None:
        yield from (_case(one) for one in tonight.cases)


def _component(tonight: Tonight, each: NightComponent) -> Iterator[str]:
    stories = f": {', '.join(each.stories)}" if each.stories else ""
    yield f"{each.name} {each.version}, commit {each.commit[:12]}, bundle {each.bundle[:12]}{stories}"
    if each.name in tonight.unknown:
        yield f"  cases not known: {tonight.unknown[each.name]}"
    its = tonight.of(each.name)
    for suite in sorted({one.case.suite for one in its}):
        cases = [one for one in its if one.case.suite == suite]
        seconds = sum(one.expected.seconds for one in cases)
        yield f"  {suite:<24}{len(cases):>5} cases, about {duration(seconds)}"
        yield from (f"    {one.case.name}: {one.problem}" for one in cases if one.problem)


def _summary(catalogue: Catalogue, tonight: Tonight) -> Iterator[str]:
    pods = f"{tonight.pods} pod{'s' * (tonight.pods != 1)}"
    span = duration(tonight.makespan_seconds)
    work = duration(tonight.work_seconds)
    yield f"{len(tonight.cases)} cases, about {work} of work: about {span} in {pods}"
    sources = Counter(one.expected.source for one in tonight.cases)
    told = ", ".join(f"{count} {SOURCES[source]}" for source, count in sources.most_common())
    guess = duration(catalogue.regression.new_case_seconds)
    yield f"Durations: {told}{f' as {guess}' if ExpectedFrom.GUESS in sources else ''}"


def _case(one: TonightCase) -> str:
    expected = f"{duration(one.expected.seconds):>12}  {one.expected.source.value:<9}"
    return f"{expected} {one.case.suite}  {one.case.name}"


def _document(tonight: Tonight) -> str:
    told = {
        **tonight.document(),
        "work_seconds": round(tonight.work_seconds, 3),
        "makespan_seconds": round(tonight.makespan_seconds, 3),
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _look(environment: Mapping[str, str]) -> Look:
    url, token = environment.get(URL), environment.get(TOKEN)
    if url and token:
        return looking_into(GitlabAccess(url=url, user=environment.get(USER, "oauth2"), token=token))

    def refuse(_: Component, commit: Commit) -> Listing:
        raise NotFound(
            f"no night has selected them at commit {commit[:12]}; set {URL} and {TOKEN} to look them up"
        )

    return refuse
