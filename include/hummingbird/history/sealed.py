"""A bundle with its name at hand: hashing it anew for each of its events would take half of the time."""

from __future__ import annotations

from dataclasses import dataclass

from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.story import StoryKey


@dataclass(frozen=True)
class Sealed:
    """A bundle and what is asked of it over and over."""

    bundle: Bundle
    sha256: str
    stories: list[StoryKey]

    @classmethod
    def of(cls, story: StoryKey, components: list[BundleComponent]) -> Sealed:
        """The bundle of a story, named."""
        bundle = Bundle(story=story, components=components)
        return cls(bundle, bundle.sha256, bundle.stories)

    @property
    def story(self) -> StoryKey:
        """The story that asked for it."""
        return self.bundle.story

    @property
    def components(self) -> list[BundleComponent]:
        """What it carries."""
        return self.bundle.components

    def carried(self, name: str) -> BundleComponent:
        """A component that it carries."""
        return next(component for component in self.bundle.components if component.name == name)
