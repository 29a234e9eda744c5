"""The sealed release: everything a decision is about, named by one hash."""

from __future__ import annotations

from pydantic import Field

from hummingbird.core.artifact import Commit, Image, Package, Sha256
from hummingbird.core.canonical import content_hash
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey


class Configuration(Record):
    """The configuration items that go with one environment."""

    items: dict[str, str]

    @property
    def sha256(self) -> str:
        """SHA-256 of the items' canonical JSON."""
        return content_hash(self.items)


class BundleComponent(Record):
    """One component of a bundle: its commit, its digests, its configuration everywhere."""

    name: str
    version: str
    commit: Commit
    image: Image
    packages: list[Package] = Field(default_factory=list)
    configuration: dict[str, Configuration]
    """Environment name → items."""
    contract_sha256: Sha256 | None = None
    stories: list[StoryKey]
    """Every story between what runs in production and this commit."""
    authors: list[str]
    """E-mail addresses of the commits' authors, sorted."""
    commits: int | None = None
    """How many commits travel since what runs in production; None where that was not counted."""


class Bundle(Record):
    """A release candidate, named by the SHA-256 of its canonical JSON. No times: same content, one name."""

    story: StoryKey
    components: list[BundleComponent] = Field(min_length=1)
    """In the order in which they are deployed: what is called before what calls it."""

    @property
    def sha256(self) -> str:
        """The bundle's name, 64 hex digits."""
        return self.content_hash

    @property
    def stories(self) -> list[StoryKey]:
        """All stories that travel, the asked one first."""
        rest = sorted({key for component in self.components for key in component.stories} - {self.story})
        return [self.story, *rest]

    def component(self, name: str) -> BundleComponent | None:
        """The bundle's component by name, None when the bundle does not carry it."""
        return next((c for c in self.components if c.name == name), None)
