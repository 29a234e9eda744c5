"""The gateway over HTTP, as openapi.yaml says."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from order_gateway.build_info import read_build_info
from order_gateway.gateway import Accepted, Gateway, NotReadyError
from order_gateway.order import OrderRefused

log = logging.getLogger(__name__)
LARGEST_BODY = 64 * 1024
Answer = tuple[HTTPStatus, object]


def order_json(accepted: Accepted) -> dict[str, object]:
    """An accepted order as clients see it; the price is text, so that it stays exact."""
    order = accepted.order
    return {
        **order.options,
        "id": accepted.number,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": order.quantity,
        "price": str(order.price),
        "reference_price": (order.quote or {}).get("previous_close"),
        "status": "ACCEPTED",
    }


class OrderServer(ThreadingHTTPServer):
    """Serves one gateway; a thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], gateway: Gateway) -> None:
        super().__init__(address, OrderHandler)
        self.gateway = gateway

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """A caller that hangs up is no event; anything else is told with its trace."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            log.exception("a call from %s failed", client_address)


class OrderHandler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: OrderServer
    protocol_version = "HTTP/1.1"
    server_version = "order-gateway"
    sys_version = ""
    timeout = 30
    disable_nagle_algorithm = True
    path = ""

    def do_GET(self) -> None:
        """Answer a reading call."""
        routes: dict[str, Callable[[], Answer]] = {
            "/healthz": lambda: (HTTPStatus.OK, {"alive": True}),
            "/readyz": self._readiness,
            "/version": lambda: (HTTPStatus.OK, read_build_info()),
            "/config-version": self._configuration_version,
            "/orders": lambda: (
                HTTPStatus.OK,
                {"orders": [order_json(accepted) for accepted in self.server.gateway.accepted()]},
            ),
        }
        route = routes.get(self.path.partition("?")[0])
        self._answer(*(route() if route else self._unknown()))

    def do_POST(self) -> None:
        """Take an order."""
        if self.path != "/orders":
            self.close_connection = True
            self._answer(*self._unknown())
            return
        self._answer(*self._place_order())

    def _readiness(self) -> Answer:
        gateway = self.server.gateway
        if gateway.configuration is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"ready": False, "why": gateway.rejection}
        return HTTPStatus.OK, {"ready": True}

    def _configuration_version(self) -> Answer:
        gateway = self.server.gateway
        configuration = gateway.configuration
        if configuration is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"rejected": gateway.rejection}
        return HTTPStatus.OK, {
            "sha256": configuration.sha256,
            "source": configuration.source,
            "release_key": configuration.release_key,
            "rejected": gateway.rejection or None,
        }

    def _place_order(self) -> Answer:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"a body has at most {LARGEST_BODY} bytes"}
        try:
            body = json.loads(self.rfile.read(int(length)), parse_float=Decimal)
        except (ValueError, RecursionError):
            return HTTPStatus.BAD_REQUEST, {"error": "the body is not JSON"}
        try:
            accepted = self.server.gateway.accept(body)
        except NotReadyError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"error": str(error)}
        except OrderRefused as refusal:
            problems = [{"field": problem.field, "reason": problem.reason} for problem in refusal.problems]
            return HTTPStatus.UNPROCESSABLE_ENTITY, {"errors": problems}
        return HTTPStatus.CREATED, order_json(accepted)

    def _unknown(self) -> Answer:
        return HTTPStatus.NOT_FOUND, {"error": f"{self.command} {self.path} is not served"}

    def _answer(self, status: HTTPStatus, body: object) -> None:
        content = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """One line a call, but for the probes that come every second."""
        if self.path not in ("/healthz", "/readyz"):
            log.info(format, *args)
