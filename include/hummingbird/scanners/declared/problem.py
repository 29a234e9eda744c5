"""One thing that is wrong with where a package is to come from."""

from __future__ import annotations

from dataclasses import dataclass

OTHER_SOURCE = "hb-dependency-from-another-index"
UNVERIFIED_HOST = "hb-dependency-host-not-verified"
DIRECT = "hb-dependency-direct-without-hash"
OUTSIDE = "hb-dependency-outside-the-checkout"
RESOLVED_ELSEWHERE = "hb-dependency-resolved-elsewhere"
NO_INTEGRITY = "hb-dependency-without-integrity"
NOT_READ = "hb-dependency-file-not-read"


@dataclass(frozen=True, order=True)
class Problem:
    """A place, a rule of rules/dependencies.yaml, and a sentence with package and mend."""

    path: str
    line: int
    rule: str
    says: str

    def __str__(self) -> str:
        """The place, then the sentence."""
        return f"{self.path}:{self.line}: {self.says}"
