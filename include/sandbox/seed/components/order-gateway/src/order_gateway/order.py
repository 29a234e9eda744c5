"""What an order is, and how one is read from JSON without trusting any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SIDES = ("BUY", "SELL")
FIELDS = ("symbol", "side", "quantity", "price")
OPTIONS = frozenset(
    {
        "client_order_id",
    }
)
HIGHEST_PRICE = Decimal(10**8)
DECIMALS = 8


@dataclass(frozen=True)
class Problem:
    """Why a field of an order is refused."""

    field: str
    reason: str


class OrderRefused(Exception):
    """The order breaks at least one rule; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.reason}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Order:
    """A limit order as the client sent it, every field of the right type."""

    symbol: str
    side: str
    quantity: int
    price: Decimal
    options: Mapping[str, object]
    quote: Mapping[str, object] | None = None
    """What quote-service says of the security; None where there is nothing to be had."""

    @property
    def notional(self) -> Decimal:
        """Price times quantity, in yuan."""
        return self.price * self.quantity


def read_order(body: object) -> Order:
    """The order in a JSON body; OrderRefused names every field that can not be one of an order."""
    if not isinstance(body, dict):
        raise OrderRefused([Problem("body", "must be a JSON object")])
    problems = [Problem(field, "is missing") for field in FIELDS if field not in body]
    problems += [Problem(field, "is not a field of an order") for field in body.keys() - {*FIELDS, *OPTIONS}]
    if problems:
        raise OrderRefused(problems)
    symbol, side, quantity = body["symbol"], body["side"], body["quantity"]
    if not isinstance(symbol, str):
        problems.append(Problem("symbol", "must be text"))
    if side not in SIDES:
        problems.append(Problem("side", "must be BUY or SELL"))
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity <= 0:
        problems.append(Problem("quantity", "must be a positive whole number"))
    price = read_price(body["price"])
    if price is None:
        problems.append(Problem("price", "must be a positive number"))
    if problems or price is None:
        raise OrderRefused(problems)
    options = {key: value for key, value in body.items() if key not in FIELDS}
    return Order(symbol, side, quantity, price, options)


def read_price(value: object) -> Decimal | None:
    """A positive price from a JSON number or text, exact; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        price = Decimal(value)
    except InvalidOperation:
        return None
    if not price.is_finite() or not 0 < price <= HIGHEST_PRICE:
        return None
    return price if price == round(price, DECIMALS) else None
