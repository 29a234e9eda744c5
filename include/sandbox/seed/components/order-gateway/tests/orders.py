"""Orders and configurations that tests begin with."""

from decimal import Decimal

from order_gateway.configuration import Configuration
from order_gateway.order import Order

ITEMS = {
    "order.lot.size": "100",
    "order.price.tick": "0.01",
    "order.max.quantity": "10000",
    "order.max.notional": "1000000",
}


def a_configuration(**changes):
    items = {**ITEMS, **{key.replace("_", "."): value for key, value in changes.items()}}
    return Configuration({key: value for key, value in items.items() if value is not None}, "test")


def an_order(symbol="600918", side="BUY", quantity=100, price="6.50", **options):
    return Order(symbol, side, quantity, Decimal(price), options)


def a_body(**changes):
    return {"symbol": "600918", "side": "BUY", "quantity": 100, "price": "6.50", **changes}
