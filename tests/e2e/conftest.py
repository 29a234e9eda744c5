"""One whole platform for all end-to-end tests of a session: starting it is most of what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.onebox import OneBox, whole_platform

DEMO_SECONDS = 900


@pytest.fixture(scope="session")
def box() -> Iterator[OneBox]:
    """A running platform in a folder of its own."""
    with whole_platform() as running:
        yield running


@pytest.fixture(scope="session")
def delivered(box: OneBox) -> str:
    """HB-101 played to production; what the demo printed."""
    played = box.command("demo", timeout=DEMO_SECONDS)
    assert played.returncode == 0, f"{played.stdout[-4000:]}\n{played.stderr[-4000:]}"
    return played.stdout
