"""The book over HTTP, as openapi.yaml says."""

from __future__ import annotations

import json
import logging
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

from quote_service.book import Book, NotReadyError
from quote_service.build_info import read_build_info
from quote_service.search import IndexNotReadyError

log = logging.getLogger(__name__)
Answer = tuple[HTTPStatus, object]
QUOTES = "/quotes"


class QuoteServer(ThreadingHTTPServer):
    """Serves one book; a thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], book: Book) -> None:
        super().__init__(address, QuoteHandler)
        self.book = book

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """A caller that hangs up is no event; anything else is told with its trace."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            log.exception("a call from %s failed", client_address)


class QuoteHandler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: QuoteServer
    protocol_version = "HTTP/1.1"
    server_version = "quote-service"
    sys_version = ""
    timeout = 30
    disable_nagle_algorithm = True
    path = ""

    def do_GET(self) -> None:
        """Answer a reading call; there are no others."""
        try:
            answer = self._route(self.path.partition("?")[0])
        except (NotReadyError, IndexNotReadyError) as error:
            answer = HTTPStatus.SERVICE_UNAVAILABLE, {"error": str(error)}
        self._answer(*answer)

    def _route(self, path: str) -> Answer:
        if path == "/healthz":
            return HTTPStatus.OK, {"alive": True}
        if path == "/readyz":
            return self._readiness()
        if path == "/version":
            return HTTPStatus.OK, read_build_info()
        if path == "/config-version":
            return self._configuration_version()
        if path == QUOTES:
            return HTTPStatus.OK, {"quotes": self.server.book.quotes()}
        if path == "/search":
            return self._search(parse_qs(self.path.partition("?")[2]).get("name", [""])[0])
        if path.startswith(f"{QUOTES}/"):
            return self._quote(unquote(path.removeprefix(f"{QUOTES}/")))
        return HTTPStatus.NOT_FOUND, {"error": f"{self.command} {self.path} is not served"}

    def _quote(self, symbol: str) -> Answer:
        quote = self.server.book.quote(symbol)
        if quote is None:
            return HTTPStatus.NOT_FOUND, {"error": f"{symbol} is not quoted"}
        return HTTPStatus.OK, quote

    def _search(self, part: str) -> Answer:
        if not part:
            return HTTPStatus.BAD_REQUEST, {"error": "search by ?name="}
        return HTTPStatus.OK, {"quotes": self.server.book.named(part)}

    def _readiness(self) -> Answer:
        book = self.server.book
        if book.configuration is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"ready": False, "why": book.rejection}
        return HTTPStatus.OK, {"ready": True}

    def _configuration_version(self) -> Answer:
        book = self.server.book
        configuration = book.configuration
        if configuration is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"rejected": book.rejection}
        return HTTPStatus.OK, {
            "sha256": configuration.sha256,
            "source": configuration.source,
            "release_key": configuration.release_key,
        }

    def _answer(self, status: HTTPStatus, body: object) -> None:
        content = json.dumps(body, ensure_ascii=False).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """One line a call, but for the probes that come every second."""
        if self.path not in ("/healthz", "/readyz"):
            log.info(format, *args)
