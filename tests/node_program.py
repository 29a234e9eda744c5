"""Which Node tests run: the one that PyPI's wheel brings, as in the sandbox."""

from __future__ import annotations

import os

from sandbox.npm import node

os.environ.setdefault("HB_NODE", str(node()))
