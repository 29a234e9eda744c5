"""The one error that leads back: a version was applied and does not serve."""

from __future__ import annotations

from hummingbird.core.errors import Final


class NotServing(Final):
    """The version does not come to serve; the message says why, with the pod's own words."""
