"""The digest that travels is the one our pipeline built from this commit, and its provenance verifies.

A version that was delivered stays what it was: neither its commit nor its digest may change.
"""

from __future__ import annotations

from hummingbird.core.bundle import BundleComponent
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
        signed = match[-1]
        if not signed.provenance_verified:
            doubt = signed.doubt or "is missing or does not verify"
            return refused(GATE, f"the provenance of {component.name} {digest[:19]} {doubt}")
        changed = _changed(facts, component)
        if changed is not None:
            return refused(GATE, changed)
    return is_open(GATE, "every image is the signed build of its commit")


def _changed(facts: Facts, component: BundleComponent) -> str | None:
    """What is another than when the version was delivered, None when nothing is.

    The first environment gets commits before their version is raised, and the way back is never shut by this.
    """
    if facts.environment.previous is None or facts.operation != "deploy":
        return None
    for released in facts.released:
        if (released.component, released.version) != (component.name, component.version):
            continue
        named = f"{component.name} {component.version}"
        if released.commit != component.commit:
            was, now = released.commit[:8], component.commit[:8]
            return f"{named} was released from {was}, this is {now}: raise the version"
        if released.digest != component.image.digest:
            was, now = released.digest[:19], component.image.digest[:19]
            return (
                f"{named} was released as {was}, this is {now}: it was built again; carry what was released"
            )
    return None
