"""Hands: which accounts had a part in what a bundle brings, besides its authors."""

from __future__ import annotations

from hummingbird.core.approval_rule import Involvement
from hummingbird.core.record import Record


class Hand(Record):
    """One account's part; `system` is `email` or `gitlab`."""

    part: Involvement
    system: str
    account: str


class Hands(Record):
    """Everybody's part in one component of a bundle."""

    component: str
    hands: list[Hand]
