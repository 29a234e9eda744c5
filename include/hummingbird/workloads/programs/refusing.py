"""Problems of a checkout's declarations as one refusal."""

from __future__ import annotations

from collections.abc import Sequence

from hummingbird.core.errors import Invalid
from hummingbird.scanners.declared.problem import Problem

MOST = 5
"""Problems that a refusal names; the scanner `dependencies` names all."""


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Invalid with file, line, package and mend of each; nothing where there is none."""
    if problems:
        more = f"; and {len(problems) - MOST} more" if len(problems) > MOST else ""
        raise Invalid("; ".join(str(one) for one in problems[:MOST]) + more)
