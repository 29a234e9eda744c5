"""What Harbor's client makes of a server that does not do what it says."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from hummingbird.clients.harbor import Harbor
from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import PROVENANCE_TYPE, SBOM_TYPE, Image
from hummingbird.core.errors import Mismatch
from unit.clients.misbehaving import Server, says

IMAGE = Image(repository="trading-dev/order/gateway", digest="sha256:" + "a" * 64)


def test_a_copy_that_reads_back_differently_is_a_mismatch(server: Server, retrying: Retrying) -> None:
    harbor = Harbor(server.url, "platform", "x", retrying=retrying)
    server.does(says(404), says(201), says(404))
    with pytest.raises(Mismatch, match="found nothing"):
        harbor.copy(IMAGE, "trading-test/order-gateway")
    harbor.close()


@pytest.fixture
def old_registry() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A registry of OCI 1.0: manifests by name, blobs by digest, and no referrers."""
    held: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = held.get(self.path)
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(found or b"")

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.send_response(202)
            self.send_header("Location", self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_PUT(self) -> None:
            path, _, query = self.path.partition("?digest=")
            name = f"{path.removesuffix('/uploads/')}/{unquote(query)}" if query else path
            held[name] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", held
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_registry_without_referrers_is_told_and_read_by_tag(
    old_registry: tuple[str, dict[str, bytes]],
) -> None:
    url, held = old_registry
    digest = f"sha256:{hashlib.sha256(b'{}').hexdigest()}"
    image = Image(repository="trading-dev/old", digest=digest)
    held[f"/v2/trading-dev/old/manifests/{digest}"] = b"{}"
    harbor = Harbor(url, "platform", "x")
    assert harbor.attached(image, PROVENANCE_TYPE) == []
    for content in (b'{"a": 1}', b'{"b": 2}', b'{"a": 1}'):
        harbor.attach(image, PROVENANCE_TYPE, PROVENANCE_TYPE, content)
    harbor.attach(image, SBOM_TYPE, SBOM_TYPE, b'{"bom": 1}')
    assert f"/v2/trading-dev/old/manifests/{digest.replace(':', '-')}" in held
    assert harbor.attached(image, PROVENANCE_TYPE) == [b'{"a": 1}', b'{"b": 2}']
    assert harbor.attached(image, SBOM_TYPE) == [b'{"bom": 1}']
    blob = next(name for name, content in held.items() if content == b'{"bom": 1}')
    held[blob] = b'{"bom": 2}'
    with pytest.raises(Mismatch, match="do not use them"):
        harbor.attached(image, SBOM_TYPE)
    harbor.close()
