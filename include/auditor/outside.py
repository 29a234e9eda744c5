"""The file against the outside: a head that was published in a git repository, and a whole export."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from auditor.rows import Row, checked_row, line_of
from auditor.signed import Broken, tag_signed_by

_HASH = re.compile(r"[0-9a-f]{64}")
_HEAD = re.compile(r"\ntag (\S+)\n.*\nsequence (\d+)\nhash ([0-9a-f]{64})\nroot ([0-9a-f]{64})\n", re.DOTALL)


def unhex(text: str) -> bytes:
    """A hash as it is written; ValueError for any other way of writing it."""
    if not _HASH.fullmatch(text):
        raise ValueError(text)
    return bytes.fromhex(text)


def root_over(leaf: str, index: int, size: int, path: list[str], what: str) -> str:
    """The root of the tree of `size` leaves in which the leaf hangs by that path (RFC 9162)."""
    node, left = hashlib.sha256(b"\x00" + unhex(leaf)).digest(), list(path)
    while size > 1:
        if index % 2 or index + 1 < size:
            if not left:
                raise Broken(f"{what}: its path in the published tree is too short")
            other = unhex(left.pop(0))
            node = hashlib.sha256(b"\x01" + (other + node if index % 2 else node + other)).digest()
        index, size = index // 2, (size + 1) // 2
    if left:
        raise Broken(f"{what}: its path in the published tree is too long")
    return node.hex()


def check_paths(paths: Any, listed: list[list[Any]], published: Row | None) -> int:
    """Every row up to the published head hangs in its tree; returns how many do."""
    inside = [one for one in listed if published and one[0] <= published["sequence"]]
    if not isinstance(paths, dict) or sorted(paths) != sorted(str(sequence) for sequence, _ in inside):
        raise Broken("the paths in the published tree are not those of the rows before it")
    for sequence, leaf in inside:
        assert published is not None
        try:
            root = root_over(
                leaf, sequence - 1, published["sequence"], paths[str(sequence)], f"row {sequence}"
            )
        except (TypeError, ValueError):
            raise Broken(f"row {sequence}: its path in the published tree is not one") from None
        if root != published["root"]:
            raise Broken(f"row {sequence}: it is not in the ledger that was published as {published['tag']}")
    return len(inside)


def read_tag(text: str, key: bytes) -> Row:
    """The head that a git tag tells; Broken when the notary did not sign exactly that."""
    match = _HEAD.search(tag_signed_by(key, text))
    if match is None:
        raise Broken("the published tag does not tell a head of the ledger")
    return {"tag": match[1], "sequence": int(match[2]), "hash": match[3], "root": match[4]}


def check_tag(text: str, key: bytes, published: Row | None) -> None:
    """A git tag that the notary signed and that tells the very head which the file was made with."""
    told = read_tag(text, key)
    if published != told:
        other = published["tag"] if published else "none"
        raise Broken(
            f"the file was made with the published head {other}, the tag {told['tag']} tells another one"
        )


class Chain:
    """A whole export, row after row: `count` rows hold, the last one's hash is `head`."""

    def __init__(self) -> None:
        self.count, self.head = 0, "0" * 64

    def take(self, line: bytes) -> tuple[Row, Row]:
        """The next row and its event; Broken when it does not follow."""
        row = line_of(line.rstrip(b"\n"), f"line {self.count + 1} of the ledger")
        what = f"row {row.get('sequence')} of the ledger"
        event = checked_row(row, what)
        if row["sequence"] != self.count + 1 or row["previous_hash"] != self.head:
            raise Broken(f"{what}: it does not follow row {self.count}")
        self.count, self.head = self.count + 1, row["hash"]
        return row, event


def check_ledger(lines: Iterable[bytes], story: str, listed: list[list[Any]], head: Row) -> None:
    """A whole export: an unbroken chain to the head, with the file's rows in it and no other of the story."""
    numbers, wanted, chain = {sequence for sequence, _ in listed}, dict(map(tuple, listed)), Chain()
    for line in lines:
        if chain.count == head["sequence"]:
            break
        row, event = chain.take(line)
        if wanted.pop(chain.count, row["hash"]) != row["hash"]:
            raise Broken(f"row {chain.count}: the ledger has another one")
        if event["story"] == story and chain.count not in numbers:
            raise Broken(f"row {chain.count} of the ledger is about {story} and was left out of the file")
    if wanted or (chain.count, chain.head) != (head["sequence"], head["hash"]):
        raise Broken(
            f"the ledger ends at row {chain.count}, not with the head {head['sequence']} of the file"
        )
