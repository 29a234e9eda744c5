"""Text from outside, made safe to show: one line, no control or direction characters, no markup."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST = 200


def plain(text: str, longest: int = _LONGEST) -> str:
    """The text without what could hide, reorder or format it; cut with an ellipsis."""
    shown = "".join(" " if unicodedata.category(char) in _HIDDEN else char for char in text)
    shown = " ".join(shown.replace("<", "‹").replace(">", "›").replace("`", "'").split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
