"""`python3 -m quote_service`: listen on $PORT until SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from quote_service.book import Book
from quote_service.build_info import read_build_info
from quote_service.loading import load
from quote_service.web import QuoteServer

log = logging.getLogger(__name__)


def main() -> int:
    """Serve quotes; the process ends cleanly within a second of SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    book = Book()
    # A pod listens on its own address; a checkout on this machine alone.
    address = (os.environ.get("POD_IP") or "127.0.0.1", int(os.environ.get("PORT", "8081")))
    with QuoteServer(address, book) as server:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
        load(book)
        build = read_build_info()
        port = server.server_address[1]
        log.info("quote-service %s (%s) listens on port %s", build["version"], build["commit"], port)
        stopping.wait()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
