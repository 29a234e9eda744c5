"""Seal: everything a decision is about, under one hash."""

from __future__ import annotations

from airflow.sdk import task

from hummingbird.orchestration import current, outcome, wiring
from hummingbird.paths.hands import tell_hands
from hummingbird.paths.seal import seal_bundle as seal


@task
def seal_bundle() -> str:
    """Seal the plan's commits, digests, stories and configuration; returns the bundle's name."""
    plan = current.plan()
    bundle = seal(wiring.catalogue(), wiring.code_host(), wiring.notary(), plan)
    sha256 = wiring.notary().seal(bundle, current.name())
    tell_hands(wiring.catalogue(), wiring.code_host(), wiring.notary(), plan, bundle)
    versions = ", ".join(f"{c.name} {c.version}" for c in bundle.components)
    outcome.say(f"bundle {sha256[:12]} holds {versions} for {', '.join(bundle.stories)}")
    return sha256
