"""`hummingbird evidence HB-101`: all that the ledger knows of a story, signed, in one file to take away."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from hummingbird.clients.notary import NotaryApi
from hummingbird.core.errors import Invalid
from hummingbird.core.story import story_key

NOTARY_URL = "HB_NOTARY_URL"
READER_TOKEN = "HB_NOTARY_READER_TOKEN"  # noqa: S105 - the variable's name


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("story", help="key of the story, such as HB-101")
    parser.add_argument("--out", type=Path, help="the file; else <story>.evidence.jsonl here")
    parser.add_argument("--notary", help=f"the notary's address; else ${NOTARY_URL}")
    parser.add_argument("--ca", type=Path, help="certificates that the notary's is checked with")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    story = story_key(chosen.story)
    url, token = chosen.notary or environment.get(NOTARY_URL), environment.get(READER_TOKEN)
    if not url or not token:
        raise Invalid(f"the notary signs the evidence: give --notary or ${NOTARY_URL}, and ${READER_TOKEN}")
    out = chosen.out or Path(f"{story}.evidence.jsonl")
    notary = NotaryApi(url, token, verify=str(chosen.ca) if chosen.ca else True)
    try:
        content = notary.evidence(story)
    finally:
        notary.close()
    try:
        out.write_bytes(content)
    except OSError as error:
        raise Invalid(f"--out: {out} cannot be written: {error.strerror}") from error
    rows = content.count(b"\n") - 1
    lines = [f"DONE: {rows} rows about {story} in {out}"]
    tag = _tag(content)
    if tag is not None:
        lines.append(f"  they hang in the published head {tag}: take that tag from its git repository too")
    lines.append("  check it without the platform: python -m auditor FILE --key KEY (docs/evidence.md)")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _tag(content: bytes) -> str | None:
    """The published head that the file was made with; the verifier checks it, not we."""
    statement = json.loads(content.split(b"\n", 1)[0])["statement"]
    published = json.loads(base64.b64decode(statement["payload"]))["published"]
    return str(published["tag"]) if published else None
