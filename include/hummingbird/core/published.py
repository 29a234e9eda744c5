"""The ledger's head as a tag in a git repository tells it: outside of the database, signed, once a day."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import Field, StringConstraints

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.errors import Invalid
from hummingbird.core.record import Record

TagName = Annotated[str, StringConstraints(pattern=r"^ledger-[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_SIGNATURE = "-----BEGIN SSH SIGNATURE-----"
_TAG = re.compile(
    r"object (?P<object>[0-9a-f]{40})\ntype commit\ntag (?P<tag>[^\n]+)\ntagger [^\n]+\n\n"
    r"Hummingbird's ledger\n\nsequence (?P<sequence>[0-9]+)\nhash (?P<hash>[0-9a-f]{64})\n"
    r"root (?P<root>[0-9a-f]{64})\n"
)


class PublishedHead(Record):
    """A row of the chain, and the root of the tree over all rows up to it."""

    tag: TagName
    object: Commit
    """The commit that the tag points to; any will do, a tag must point to something."""
    sequence: int = Field(ge=1)
    hash: Sha256
    root: Sha256

    def content(self, tagger: str) -> str:
        """The tag object without its signature; `tagger`: name, e-mail, seconds, zone, as git writes it."""
        return (
            f"object {self.object}\ntype commit\ntag {self.tag}\ntagger {tagger}\n\nHummingbird's ledger\n\n"
            f"sequence {self.sequence}\nhash {self.hash}\nroot {self.root}\n"
        )


class SignedHead(Record):
    """A head and the whole tag object as git keeps it, signature included."""

    head: PublishedHead
    text: str

    @property
    def object_id(self) -> str:
        """What git calls the tag object."""
        content = self.text.encode("utf-8")
        return hashlib.sha1(b"tag %d\x00" % len(content) + content).hexdigest()  # noqa: S324 - git's own name


def read_tag(text: str) -> PublishedHead:
    """What a tag object says; Invalid when it is not one of ours. Its signature is not looked at."""
    said, mark, _ = text.partition(_SIGNATURE)
    match = _TAG.fullmatch(said)
    if not mark or match is None:
        raise Invalid("not a signed tag of the ledger's head")
    return PublishedHead.model_validate(match.groupdict() | {"sequence": int(match["sequence"])})
