"""The invented firm: components, each with its rhythm, and the people who work on them."""

from __future__ import annotations

from dataclasses import dataclass

from hummingbird.core.errors import Invalid
from hummingbird.history.chance import Chance

PROJECT = "SYN"
"""Tracker project of every invented story; no component of the catalogue may have it."""
COMPONENT_PREFIX = "syn-"

_DOMAINS = (
    "order", "quote", "margin", "clearing", "settlement", "custody", "fund", "bond", "option", "futures",
    "risk", "limit", "position", "account", "onboarding", "news", "research", "portfolio", "algo", "basket",
    "ipo", "repo", "etf", "fx", "credit", "wealth", "statement", "audit", "login", "message",
)  # fmt: skip
_PARTS = ("gateway", "engine", "service", "web", "batch", "adapter", "store", "console")
MOST_COMPONENTS = len(_DOMAINS) * len(_PARTS)


@dataclass(frozen=True)
class Rhythm:
    """How a kind of team works."""

    name: str
    weight: float
    """Its share of the firm's cycles, for each component."""
    pushes: tuple[int, int]
    """Pushes to develop between two releases, fewest and most."""
    pause: float
    """Chance of a stretch of about six weeks in which nothing happens."""
    trouble: float
    """Chance that a release goes wrong somehow."""


RHYTHMS = {
    Rhythm("steady", 1.0, (2, 4), 0.1, 0.16): 0.5,
    Rhythm("busy", 3.0, (3, 7), 0.0, 0.22): 0.2,
    Rhythm("quiet", 0.3, (1, 3), 0.6, 0.08): 0.2,
    Rhythm("new", 1.5, (4, 8), 0.2, 0.3): 0.1,
}


@dataclass(frozen=True)
class Made:
    """An invented component."""

    name: str
    language: str
    rhythm: Rhythm
    weight: float
    scan_seconds: float
    """Median of a full scan."""
    build_seconds: float
    tests: int
    """Unit tests when the history begins."""
    cases: int
    """Cases of its functional suite."""

    @property
    def project(self) -> str:
        """Its repository."""
        return f"invented/{self.name}"


def components(seed: int, count: int) -> list[Made]:
    """That many components; Invalid when there are not so many names."""
    if not 1 <= count <= MOST_COMPONENTS:
        raise Invalid(f"--components: from 1 to {MOST_COMPONENTS}, not {count}")
    chance = Chance(seed, "firm")
    names = [f"{COMPONENT_PREFIX}{domain}-{part}" for domain in _DOMAINS for part in _PARTS]
    return [_made(chance, name) for name in sorted(chance.some_of(names, count))]


def _made(chance: Chance, name: str) -> Made:
    rhythm = chance.weighted(RHYTHMS)
    web = name.endswith(("-web", "-console"))
    return Made(
        name=name,
        language="javascript" if web else "python",
        rhythm=rhythm,
        weight=rhythm.weight * chance.around(1.0, 0.5),
        scan_seconds=chance.around(820.0, 0.25),
        build_seconds=chance.around(210.0, 0.35),
        tests=chance.whole(40, 900),
        cases=chance.whole(6, 120),
    )


def holders(role: str) -> list[str]:
    """The invented people who hold a role: never somebody of the catalogue."""
    return [f"syn_{role}_{number}" for number in (1, 2, 3)]


def mail(person: str) -> str:
    """A person's address, where no mail can arrive."""
    return f"{person}@synthetic.example"
