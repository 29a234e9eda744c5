"""A registry for tests: manifests and blobs over HTTP, behind a Basic or Bearer challenge when asked."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENTRY = tuple[str, bytes]


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(*entries: ENTRY, zipped: bool = True) -> bytes:
    """A layer of files, from (path, content)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0) if zipped else buffer.getvalue()


class TestRegistry:
    """Serves what is put into it on a free port of 127.0.0.1; `challenge` is None, `basic` or `bearer`."""

    __test__ = False

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.challenge: str | None = None
        self.login = ("puller", "s3cret")
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry.answer(self)

            def log_message(self, format: str, *arguments: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, repository: str, *layers: bytes, tag: str | None = None, **config: object) -> str:
        """Keep an image; its reference by digest."""
        described = []
        for data in layers:
            self.content[digest_of(data)] = data
            described.append({"digest": digest_of(data), "size": len(data)})
        configuration = json.dumps({"config": config}).encode()
        self.content[digest_of(configuration)] = configuration
        body = {"schemaVersion": 2, "config": {"digest": digest_of(configuration)}, "layers": described}
        manifest = json.dumps(body).encode()
        self.content[digest_of(manifest)] = manifest
        if tag:
            self.tags[f"{repository}:{tag}"] = digest_of(manifest)
        return f"{self.host}/{repository}@{digest_of(manifest)}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        given = request.headers.get("Authorization", "")
        basic = "Basic " + base64.b64encode(":".join(self.login).encode()).decode()
        if request.path.startswith("/token"):
            allowed = given == basic
            self._send(request, 200 if allowed else 401, b'{"token": "pull"}' if allowed else b"")
            return
        wanted = {"basic": basic, "bearer": "Bearer pull"}.get(self.challenge or "")
        if wanted and given != wanted:
            realm = f'Bearer realm="http://{self.host}/token",service="registry"'
            header = 'Basic realm="registry"' if self.challenge == "basic" else realm
            self._send(request, 401, b"", header)
            return
        repository, _, name = request.path.removeprefix("/v2/").rpartition("/")
        repository = repository.rpartition("/")[0]
        data = self.content.get(self.tags.get(f"{repository}:{name}", name))
        self._send(request, 200 if data is not None else 404, data or b"")

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, code: int, data: bytes, challenge: str = "") -> None:
        request.send_response(code)
        if challenge:
            request.send_header("WWW-Authenticate", challenge)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
