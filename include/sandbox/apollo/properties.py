"""A configuration as a Java properties file."""

from __future__ import annotations

from collections.abc import Mapping

_VALUE = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_KEY = _VALUE | str.maketrans({mark: f"\\{mark}" for mark in " :=#!"})


def as_properties(configurations: Mapping[str, str]) -> str:
    """One `key=value` a line, escaped so that java.util.Properties reads the same back."""
    return "".join(f"{key.translate(_KEY)}={_value(value)}\n" for key, value in configurations.items())


def _value(text: str) -> str:
    escaped = text.translate(_VALUE)
    return f"\\{escaped}" if escaped.startswith(" ") else escaped
