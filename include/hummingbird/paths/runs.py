"""How runs are named, so that a search for the story finds all of it."""

from __future__ import annotations

import re

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.story import StoryKey

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def run_name(dag_id: str, run_id: str) -> str:
    """`dag_id/run_id`: how the ledger names a run."""
    return f"{dag_id}/{run_id}"


def split_run_name(name: str) -> tuple[str, str]:
    """The dag_id and run_id of a ledger run name."""
    dag_id, _, run_id = name.partition("/")
    return dag_id, run_id


def child_run_id(
    story: StoryKey | None, parent_dag: str, parent_run: str, child_dag: str, part: str = ""
) -> str:
    """The one id of a child of a run: found again on every retry, and naming the story first."""
    root = parent_run
    if story is not None and not parent_run.startswith(story):
        root = f"{story}.{sha256_hex(parent_run.encode())[:8]}__{parent_dag}"
    suffix = f"__{_UNSAFE.sub('-', part)}" if part else ""
    return f"{root}__{child_dag}{suffix}"[:240]
