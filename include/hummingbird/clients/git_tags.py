"""Putting a finished tag object into a git repository: git's own protocol over HTTP, without a checkout.

https://git-scm.com/docs/http-protocol, https://git-scm.com/docs/pack-format
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator

from hummingbird.clients.http import Answer, Site
from hummingbird.clients.read_back import or_read_back
from hummingbird.clients.reading import Limits
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import basic
from hummingbird.core.errors import Conflict, Garbled, Mismatch

_SERVICE = "git-receive-pack"
_NOTHING = "0" * 40
_FLUSH = b"0000"
_TAG_TYPE = 4


class GitTags:
    """Fulfils ports.HeadHost for one repository (`project`: its path without `.git`) on one git server."""

    def __init__(
        self,
        url: str,
        project: str,
        user: str,
        password: str,
        *,
        verify: bool | str = True,
        limits: Limits | None = None,
        retrying: Retrying | None = None,
    ) -> None:
        auth = basic(user, password)
        self.project = project
        self._site = Site("git", url, auth=auth, verify=verify, limits=limits, retrying=retrying)

    def close(self) -> None:
        """Close all connections."""
        self._site.close()

    def refs(self) -> dict[str, str]:
        """Reference → object id, as the server tells whoever wants to push."""
        answer = self._site.call(
            "GET",
            f"{self.project}.git/info/refs",
            about=f"references of {self.project}",
            params={"service": _SERVICE},
            headers={"Accept": "*/*"},
        )
        lines = [line for line in _lines(answer) if not line.startswith(b"#")]
        found = {}
        for line in lines:
            identity, _, name = line.split(b"\x00", 1)[0].decode("utf-8").strip().partition(" ")
            if identity != _NOTHING:
                found[name] = identity
        return found

    def put_tag(self, name: str, text: str) -> None:
        """Make the tag; nothing when this very object is there, Conflict when the tag is another one."""
        reference, content = f"refs/tags/{name}", text.encode("utf-8")
        wanted = hashlib.sha1(b"tag %d\x00" % len(content) + content).hexdigest()  # noqa: S324 - git's own name
        if not self._stands(reference, wanted):
            try:
                or_read_back(
                    lambda: self._push(reference, wanted, content),
                    lambda: True if self._stands(reference, wanted) else None,
                )
            except Conflict:
                if not self._stands(reference, wanted):  # not that another was faster with the very same
                    raise
        if not self._stands(reference, wanted):
            raise Mismatch(f"git: {self.project} took the tag {name}, and does not have it")

    def _stands(self, reference: str, wanted: str) -> bool:
        found = self.refs().get(reference)
        if found not in (None, wanted):
            raise Conflict(
                f"git: {reference} of {self.project} is {found}, expected {wanted}: somebody else made "
                "or moved it; a published head is never written over"
            )
        return found == wanted

    def _push(self, reference: str, wanted: str, content: bytes) -> bool:
        order = f"{_NOTHING} {wanted} {reference}\x00report-status agent=hummingbird".encode()
        answer = self._site.call(
            "POST",
            f"{self.project}.git/{_SERVICE}",
            about=f"tag {reference} of {self.project}",
            body=_line(order) + _FLUSH + _pack(content),
            headers={
                "Content-Type": f"application/x-{_SERVICE}-request",
                "Accept": f"application/x-{_SERVICE}-result",
            },
        )
        said = [line.decode("utf-8", "replace").strip() for line in _lines(answer)]
        if said[:1] != ["unpack ok"] or f"ok {reference}" not in said:
            raise Conflict(
                f"{answer.head}: the server refused it: {'; '.join(said)[:300] or 'without a word'}"
            )
        return True


def _pack(content: bytes) -> bytes:
    """A pack of one tag object."""
    size, head = len(content), bytearray()
    byte = (_TAG_TYPE << 4) | (size & 15)
    size >>= 4
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    head.append(byte)
    pack = b"PACK" + struct.pack(">II", 2, 1) + bytes(head) + zlib.compress(content)
    return pack + hashlib.sha1(pack).digest()  # noqa: S324 - the format's own checksum


def _line(content: bytes) -> bytes:
    return b"%04x%s" % (len(content) + 4, content)


def _lines(answer: Answer) -> Iterator[bytes]:
    body, place = answer.body, 0
    while place < len(body):
        try:
            length = int(body[place : place + 4], 16)
        except ValueError as error:
            raise Garbled(
                f"{answer.head}: expected git's protocol; check the address and the project"
            ) from error
        if 0 < length < 4 or place + length > len(body):
            raise Garbled(f"{answer.head}: a line of git's protocol is cut off")
        if length:
            yield body[place + 4 : place + length]
        place += length or 4
