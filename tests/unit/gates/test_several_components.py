"""A bundle of three: every component needs its own evidence, and the refusal names the one without."""

from __future__ import annotations

from types import ModuleType

import pytest

from builders import a_build, a_bundle, a_component, a_scan, a_suite, the_facts
from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle
from hummingbird.core.gate import Facts, SignedBuild, State
from hummingbird.gates import build_signed, findings_clear, suites_green, unit_tests_green

NAMES = ("quote-service", "order-gateway", "trade-web")


def image_of(name: str) -> Image:
    return Image(repository=f"trading-dev/{name}", digest=f"sha256:{sum(name.encode()):064x}")


def three() -> Bundle:
    return a_bundle(*(a_component(name=name, image=image_of(name)) for name in NAMES))


def facts_without(missing: str = "") -> Facts:
    bundle, there = three(), [name for name in NAMES if name != missing]
    builds = [a_build(component=name, image=image_of(name)) for name in there]
    return the_facts(
        bundle=bundle,
        scans=[a_scan(component=name) for name in there],
        builds=[SignedBuild(build=build, provenance_verified=True) for build in builds],
        suites=[a_suite(bundle, component=name) for name in there],
    )


@pytest.mark.parametrize("gate", [build_signed, findings_clear, suites_green, unit_tests_green])
def test_each_component_has_its_own_evidence(gate: ModuleType) -> None:
    assert gate.check(facts_without()).state is State.OPEN
    for name in NAMES:
        answer = gate.check(facts_without(name))
        assert answer.state is State.REFUSED
        assert name in answer.why
