"""Which scanners this machine has: Semgrep lives in a virtual environment of its own, ESLint among npm's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sandbox.npm import node
from sandbox.onebox.machine import home_from
from sandbox.onebox.place import REPOSITORY
from sandbox.onebox.scanner_tools import install

OWN = Path(__file__).parent.parent / ".venv-semgrep" / "bin" / "semgrep"

if "HB_SEMGREP" not in os.environ and OWN.is_file():
    os.environ["HB_SEMGREP"] = str(OWN)

if "HB_ESLINT" not in os.environ:
    os.environ["HB_ESLINT"] = str(install(home_from(dict(os.environ), REPOSITORY)) / "eslint")
    # Its first line asks for `node` on PATH.
    os.environ["PATH"] = os.pathsep.join([str(node().parent), os.environ["PATH"]])

needs_semgrep = pytest.mark.skipif(
    not shutil.which(os.environ.get("HB_SEMGREP", "semgrep")),
    reason="semgrep is neither on PATH nor named by HB_SEMGREP",
)
