"""Runs scanners side by side over one view; a scanner that is missing, crashes or skips files is an error."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hummingbird.core.errors import Garbled, Unreachable
from hummingbird.core.finding import Finding, ScannerRun
from hummingbird.scanners.evidence import findings, proof
from hummingbird.scanners.scanner import Command, Reading, Scanner
from hummingbird.workloads.process import Ended, clean_environment, run
from hummingbird.workloads.progress import say
from hummingbird.workloads.scan_view import given_to

SECONDS = 900.0
"""Limit of one command; the case study's whole scan takes 10 to 20 minutes an application."""


@dataclass(frozen=True)
class Scanned:
    """What one scanner found, and the proof that it looked."""

    run: ScannerRun
    findings: list[Finding]


def scan_all(scanners: Sequence[Scanner], names: Sequence[str], view: Path, scratch: Path) -> list[Scanned]:
    """All scanners at once over a finished view, in the order given; raises the first error of any."""
    with ThreadPoolExecutor(max_workers=max(1, len(scanners))) as pool:
        return list(
            pool.map(lambda scanner: scan(scanner, given_to(scanner, names), view, scratch), scanners)
        )


def scan(scanner: Scanner, given: Sequence[str], view: Path, scratch: Path) -> Scanned:
    """One scanner over its files; with no file for it, its version alone is asked for."""
    reports = scratch / f"{scanner.name}-reports"
    reports.mkdir()
    if given:
        reading, seconds = _over_files(scanner, view, reports)
    else:
        ended = _run(scanner, scanner.version_command(), view, reports)
        reading = Reading(
            version=ended.out.split()[-1] if ended.out.split() else "", scanned=frozenset(), hits=[]
        )
        seconds = ended.seconds
    told = proof(scanner, reading, given, seconds)
    found = findings(scanner, reading, view)
    say(f"{scanner.name} {told.version}: {told.rules} rules, {told.files} files, {len(found)} findings")
    return Scanned(told, found)


def _over_files(scanner: Scanner, view: Path, reports: Path) -> tuple[Reading, float]:
    messages, seconds = "", 0.0
    for command in scanner.commands(reports):
        ended = _run(scanner, command, view, reports)
        messages += ended.err
        seconds += ended.seconds
    return scanner.read(view, reports, messages), seconds


def _run(scanner: Scanner, command: Command, view: Path, reports: Path) -> Ended:
    environment = clean_environment(reports, command.env)
    ended = run(command.argv, cwd=view, env=environment, seconds=SECONDS, stdout=command.stdout)
    if not ended.in_time:
        raise Unreachable(f"{scanner.name} did not end within {SECONDS:.0f} s")
    if ended.code not in command.ran:
        said = " ".join((ended.err or ended.out).split())[-400:]
        raise Garbled(f"{scanner.name} ended with {ended.code}: {said}")
    return ended
