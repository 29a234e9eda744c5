"""The digest that travels is the one our pipeline built from this commit, and its provenance verifies."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "build_signed"


def check(facts: Facts) -> Answer:
    """Open when every component's image has a signed provenance for exactly its commit and digest."""
    for component in facts.bundle.components:
        of_commit = [
            signed
            for signed in facts.builds
            if signed.build.component == component.name and signed.build.commit == component.commit
        ]
        digest = component.image.digest
        if not of_commit:
            return refused(GATE, f"{component.name} {component.commit[:8]} was never built by the platform")
        match = [signed for signed in of_commit if signed.build.image.digest == digest]
        if not match:
            built = of_commit[-1].build.image.digest
            return refused(
                GATE, f"{component.name} carries {digest[:19]} but {component.commit[:8]} built {built[:19]}"
            )
        if not match[-1].provenance_verified:
            return refused(
                GATE, f"the provenance of {component.name} {digest[:19]} is missing or does not verify"
            )
    return is_open(GATE, "every image is the signed build of its commit")
