"""Reading numbers out of a configuration: positive, exact, and an error that names the key."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from quote_service.configuration import Configuration, ConfigurationError


def whole(configuration: Configuration, key: str) -> int:
    """A positive whole number."""
    text = configuration.required(key)
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ConfigurationError(f"{key} must be a positive whole number, found {text!r}")
    return int(text)


def amount(configuration: Configuration, key: str) -> Decimal:
    """A positive decimal number."""
    text = configuration.required(key)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ConfigurationError(f"{key} must be a number, found {text!r}") from error
    if not value.is_finite() or value <= 0:
        raise ConfigurationError(f"{key} must be a positive number, found {text!r}")
    return value
