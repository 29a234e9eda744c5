"""Which scanners this machine has: Semgrep lives in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

OWN = Path(__file__).parent.parent / ".venv-semgrep" / "bin" / "semgrep"

if "HB_SEMGREP" not in os.environ and OWN.is_file():
    os.environ["HB_SEMGREP"] = str(OWN)

needs_semgrep = pytest.mark.skipif(
    not shutil.which(os.environ.get("HB_SEMGREP", "semgrep")),
    reason="semgrep is neither on PATH nor named by HB_SEMGREP",
)
