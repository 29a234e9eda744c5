"""One whole platform for all end-to-end tests of a session: starting it is most of what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.onebox import OneBox, whole_platform


@pytest.fixture(scope="session")
def box() -> Iterator[OneBox]:
    """A running platform in a folder of its own."""
    with whole_platform() as running:
        yield running
