"""The files of a commit, as a test holds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """Texts by path."""

    texts: dict[str, str]

    def files(self) -> list[str]:
        """Every path."""
        return sorted(self.texts)

    def text(self, name: str) -> str:
        """A text."""
        return self.texts.get(name, "")
