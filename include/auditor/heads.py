"""Checks a whole ledger against the heads that were published:

    python -m auditor.heads ledger.jsonl TAG... --key KEY

ledger.jsonl is written by `hummingbird ledger export`, each TAG by `git cat-file tag ledger-2026-11-22`. A
ledger that was rewritten after a head was published, cut off before it, or put back from an older back-up
does not fit.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from auditor.outside import Chain, read_tag
from auditor.rows import Row
from auditor.signed import Broken, unbase64


def check(ledger: Path, tags: list[Path], key: bytes) -> tuple[int, int]:
    """How many rows hold and how many heads fit; Broken names the first that does not."""
    wanted: dict[int, list[Row]] = {}
    for path in tags:
        head = read_tag(path.read_text("utf-8"), key)
        wanted.setdefault(head["sequence"], []).append(head)
    chain, tree = Chain(), Growing()
    with ledger.open("rb") as lines:
        for line in lines:
            row, _ = chain.take(line)
            tree.add(row["hash"])
            for head in wanted.pop(chain.count, ()):
                if (row["hash"], tree.root) != (head["hash"], head["root"]):
                    raise Broken(f"row {chain.count}: it is not the one that was published as {head['tag']}")
    for heads in wanted.values():
        raise Broken(f"the ledger ends at row {chain.count}, before the head published as {heads[0]['tag']}")
    return chain.count, len(tags)


class Growing:
    """The tree over row hashes (RFC 9162), growing: only its whole branches are kept, largest first."""

    def __init__(self) -> None:
        self._branches: list[tuple[int, bytes]] = []

    def add(self, leaf: str) -> None:
        """One more row."""
        height, node = 0, hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest()
        while self._branches and self._branches[-1][0] == height:
            node = _above(self._branches.pop()[1], node)
            height += 1
        self._branches.append((height, node))

    @property
    def root(self) -> str:
        """The root over the rows so far."""
        *rest, (_, node) = self._branches
        for _, branch in reversed(rest):
            node = _above(branch, node)
        return node.hex()


def _above(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def main(words: Sequence[str] | None = None) -> int:
    """Run; what does not hold is told in one line."""
    parser = argparse.ArgumentParser(
        prog="auditor.heads", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ledger", type=Path)
    parser.add_argument("tags", type=Path, nargs="+")
    parser.add_argument("--key", required=True, help="the notary's public key, base64")
    chosen = parser.parse_args(words)
    try:
        rows, fitting = check(chosen.ledger, chosen.tags, unbase64(chosen.key.strip(), "--key"))
    except Broken as broken:
        print(f"BROKEN: {broken}")
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"could not be read: {error}", file=sys.stderr)
        return 2
    print(f"DONE: {rows} rows hold, {fitting} published head{'s fit' if fitting > 1 else ' fits'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
