"""A ledger of its own for each test of figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from postgres import LedgerDatabase
from unit.workloads.rolling.a_ledger import ALedger


@pytest.fixture
def ledger(ledger_database: LedgerDatabase, tmp_path: Path) -> ALedger:
    """An empty ledger."""
    return ALedger(ledger_database, tmp_path)
