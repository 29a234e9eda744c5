"""The rules an order must keep, one a file. A new rule is a file here and a line in RULES."""

from __future__ import annotations

from typing import Protocol

from order_gateway.configuration import Configuration
from order_gateway.order import Order, Problem
from order_gateway.rules.instrument import InstrumentRule
from order_gateway.rules.limit import LimitRule
from order_gateway.rules.lot import LotRule
from order_gateway.rules.tick import TickRule


class Rule(Protocol):
    """One rule with its numbers already read and checked."""

    def check(self, order: Order) -> Problem | None:
        """The problem that this rule has with an order, if it has one."""


RULES = (
    InstrumentRule,
    LotRule,
    TickRule,
    LimitRule,
)


def read_rules(configuration: Configuration) -> tuple[Rule, ...]:
    """Every rule with its numbers from the configuration; ConfigurationError when one can not be."""
    return tuple(rule.configured(configuration) for rule in RULES)
