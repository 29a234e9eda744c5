"""Checkouts that are installed from servers of the test alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.workloads.programs.checkouts import NodeCheckout, PythonCheckout, plain_machine


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_machine(monkeypatch)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PythonCheckout:
    return PythonCheckout(tmp_path, monkeypatch)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NodeCheckout:
    return NodeCheckout(tmp_path, monkeypatch)
