"""Reading what a scanner wrote: an absent, huge or foreign report is an error, never an empty one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hummingbird.core.errors import Garbled

LARGEST_REPORT = 64 * 1024 * 1024
"""Bytes. A larger report means that something is wrong with rules or files, and it would not fit a pod."""


def json_report(path: Path, scanner: str) -> dict[str, Any]:
    """A report as a JSON object; raises Garbled when it is missing, too large or anything else."""
    if not path.is_file():
        raise Garbled(f"{scanner} wrote no report; no report is not a clean one")
    if path.stat().st_size > LARGEST_REPORT:
        raise Garbled(f"{scanner} wrote more than {LARGEST_REPORT} bytes")
    try:
        document = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise Garbled(f"{scanner} wrote a report that is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise Garbled(f"{scanner} wrote a report that is not a JSON object")
    return document


def sarif_run(path: Path, scanner: str) -> dict[str, Any]:
    """The only run of a SARIF 2.1.0 report; raises Garbled for any other form."""
    document = json_report(path, scanner)
    runs = document.get("runs")
    if document.get("version") != "2.1.0" or not isinstance(runs, list) or len(runs) != 1:
        raise Garbled(f"{scanner} wrote a report that is not SARIF 2.1.0 with one run")
    run = runs[0]
    if not isinstance(run, dict) or not isinstance(run.get("results"), list):
        raise Garbled(f"{scanner} wrote SARIF without a list of results")
    return run


def inside(view: Path, told: str) -> str:
    """A path as a scanner tells it, relative to the view; raises Garbled for one outside."""
    plain = told.removeprefix("file://")
    path = (view / plain).resolve()
    root = view.resolve()
    if not path.is_relative_to(root):
        raise Garbled(f"a scanner speaks of {told}, which it was not given")
    return path.relative_to(root).as_posix()
