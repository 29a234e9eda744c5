"""What Harbor's client makes of a server that does not do what it says."""

from __future__ import annotations

import pytest

from hummingbird.clients.harbor import Harbor
from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import Image
from hummingbird.core.errors import Mismatch
from unit.clients.misbehaving import Server, says

IMAGE = Image(repository="trading-dev/order/gateway", digest="sha256:" + "a" * 64)


def test_a_copy_that_reads_back_differently_is_a_mismatch(server: Server, retrying: Retrying) -> None:
    harbor = Harbor(server.url, "platform", "x", retrying=retrying)
    server.does(says(404), says(201), says(404))
    with pytest.raises(Mismatch, match="found nothing"):
        harbor.copy(IMAGE, "trading-test/order-gateway")
    harbor.close()
