"""One requirement as text: a name that an index is asked for, an address, or a folder of the checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

_ARCHIVES = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
)
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HASH = re.compile(r"(?:^|&)(?:sha256=[0-9a-f]{64}|sha384=[0-9a-f]{96}|sha512=[0-9a-f]{128})(?:&|$)")


class Kind(Enum):
    """Where a requirement comes from."""

    NAME = "an index, by name"
    ADDRESS = "an address"
    REPOSITORY = "a version control address, whose content pip compares with no hash"
    INSIDE = "a place of the checkout"
    OUTSIDE = "a place outside the checkout"


@dataclass(frozen=True)
class Wanted:
    """What a requirement names: the package, as far as it is told, and its address or path."""

    kind: Kind
    name: str
    place: str = ""

    @property
    def hashed(self) -> bool:
        """Whether the address itself says which bytes are meant, in a way that pip holds it to."""
        return self.kind is Kind.ADDRESS and bool(_HASH.search(urlsplit(self.place).fragment))


def wanted(text: str) -> Wanted:
    """Read one requirement; raises ValueError when it is neither a name, an address nor a path."""
    if text.lstrip().startswith("-"):
        raise ValueError("it reads as an option")
    bare = re.split(r"\s*;\s", text, maxsplit=1)[0].split(" ", maxsplit=1)[0]
    plain = re.sub(r"\[[^\]]*\]$", "", bare)
    if _ADDRESS.match(bare):
        return _of_address(_egg(bare), bare)
    if "@" not in text and (plain.startswith((".", "/", "~")) or "/" in plain or plain.endswith(_ARCHIVES)):
        return Wanted(Kind.INSIDE if is_inside(plain) else Kind.OUTSIDE, plain, plain)
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(" ".join(str(error).split())) from error
    if requirement.url:
        return _of_address(requirement.name, requirement.url)
    return Wanted(Kind.NAME, requirement.name)


def is_inside(path: str) -> bool:
    """Whether a relative path stays in the folder that it is relative to."""
    if path.startswith(("/", "~")) or ":" in path or "\\" in path:
        return False
    return not normpath(path).startswith("..")


def host(address: str) -> str:
    """An address without account, path and query: fit for a sentence."""
    parts = urlsplit(address)
    return parts.netloc.rpartition("@")[2] or parts.path


def _of_address(name: str, address: str) -> Wanted:
    scheme = address.partition(":")[0].lower()
    if scheme == "file":
        path = unquote(address.partition(":")[2].partition("#")[0])
        return Wanted(Kind.INSIDE if is_inside(path) else Kind.OUTSIDE, name, path)
    kind = Kind.ADDRESS if scheme in ("http", "https") else Kind.REPOSITORY
    return Wanted(kind, name or host(address), address)


def _egg(address: str) -> str:
    found = re.search(r"egg=([^&\[]+)", urlsplit(address).fragment)
    return found[1] if found else urlsplit(address).path.rpartition("/")[2]
