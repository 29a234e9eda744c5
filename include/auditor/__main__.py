"""Checks a story's evidence offline: python -m auditor HB-101.evidence.jsonl --key KEY

This folder needs Python 3.11 and the package `cryptography`: nothing of the platform, and no network. It
names the first thing that does not hold and ends with 1; with 0 when everything holds; with 2 when it could
not be asked.

KEY          the notary's public key (base64), from somewhere else than the file: the notary's /keys/current,
             or the officer who keeps it.
--tag        a published head, as `git cat-file tag ledger-2026-11-22` prints it: shows that the rows are
             those of the ledger that was published on that day.
--ledger     a whole export (`hummingbird ledger export`): shows also that no row of the story was left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from auditor.decisions import Decisions
from auditor.outside import check_ledger, check_paths, check_tag
from auditor.rows import line_of, rows_of
from auditor.signed import Broken, opened, unbase64

FORMAT = "hummingbird-evidence/1"
EVIDENCE = "application/vnd.hummingbird.evidence+json"


def verify(arguments: argparse.Namespace) -> list[str]:
    """What holds, in lines for a person; Broken names the first thing that does not."""
    key = unbase64(arguments.key.strip(), "--key")
    lines = arguments.file.read_bytes().split(b"\n")
    if lines.pop() != b"" or not lines:
        raise Broken("the file does not end with a whole line: it was cut off")
    header = line_of(lines.pop(0), "line 1")
    if header.get("format") != FORMAT or set(header) != {"format", "statement", "paths"}:
        raise Broken("line 1: this is not the head of an evidence file of this format")
    statement = opened(header["statement"], EVIDENCE, [key], "the notary's statement")
    listed, published = statement["rows"], statement["published"]
    decisions = Decisions(key, unbase64(statement["builds_key"], "the builds' key"))
    for row, event in rows_of(lines, listed):
        decisions.take(row, event)
    owed = decisions.glass.owed()
    inside = check_paths(header["paths"], listed, published)
    if arguments.tag:
        check_tag(arguments.tag.read_text("utf-8"), key, published)
    if arguments.ledger:
        with arguments.ledger.open("rb") as ledger:
            check_ledger(ledger, statement["story"], listed, statement["head"])
    head = statement["head"]
    return [
        f"DONE: {len(listed)} rows about {statement['story']} hold, of a ledger of {head['sequence']} rows",
        f"  head {head['sequence']}:{head['hash']}, signed at {statement['signed_at']}",
        f"  {inside} rows are in the published head {published['tag'] if published else '(none yet)'}"
        + (": its tag holds" if arguments.tag else "; give --tag to check it"),
        "  no row of the story is left out of the ledger"
        if arguments.ledger
        else "  that no row is left out is the notary's word; give --ledger to check it",
        *decisions.told,
        *owed,
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Run; what does not hold is told in one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", required=True, help="the notary's public key, base64")
    parser.add_argument("--tag", type=Path, help="a published tag object")
    parser.add_argument("--ledger", type=Path, help="a whole export of the ledger")
    try:
        print("\n".join(verify(parser.parse_args(words))))
    except Broken as broken:
        print(f"BROKEN: {broken}")
        return 1
    except OSError as error:
        print(f"could not be read: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
