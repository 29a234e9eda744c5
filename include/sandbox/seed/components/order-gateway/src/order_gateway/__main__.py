"""`python3 -m order_gateway`: listen on $PORT until SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from order_gateway.apollo import Apollo
from order_gateway.build_info import read_build_info
from order_gateway.gateway import Gateway
from order_gateway.quotes import quotes_from_environment
from order_gateway.watch import ConfigurationWatch, fallback_files
from order_gateway.web import OrderServer

log = logging.getLogger(__name__)


def main() -> int:
    """Serve orders; the process ends cleanly within a second of SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    gateway = Gateway(quotes_from_environment())
    watch = ConfigurationWatch(gateway, Apollo.from_environment(), fallback_files())
    # A pod listens on its own address; a checkout on this machine alone.
    address = (os.environ.get("POD_IP") or "127.0.0.1", int(os.environ.get("PORT", "8080")))
    with OrderServer(address, gateway) as server:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
        watch.start()
        build = read_build_info()
        port = server.server_address[1]
        log.info("order-gateway %s (%s) listens on port %s", build["version"], build["commit"], port)
        stopping.wait()
        watch.stop()
        server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
