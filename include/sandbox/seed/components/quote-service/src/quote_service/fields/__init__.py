"""The fields of a quote, some a file. A new one is a file here and a line in FIELDS."""

from __future__ import annotations

from typing import Protocol

from quote_service.configuration import Configuration
from quote_service.fields.closing import ClosingField
from quote_service.fields.identity import IdentityField
from quote_service.securities import Security


class Field(Protocol):
    """Part of a quote, with its numbers already read and checked."""

    def of(self, security: Security) -> dict[str, object]:
        """What a security's quote says by this field."""


FIELDS = (
    IdentityField,
    ClosingField,
)


def read_fields(configuration: Configuration) -> tuple[Field, ...]:
    """Every field with its numbers from the configuration; ConfigurationError when one can not be."""
    return tuple(field.configured(configuration) for field in FIELDS)
