"""A package index (PEP 503) and an npm registry over real HTTP, with packages that are made here."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Served:
    """Where it answers, and every path that it was asked for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


def wheel(name: str, version: str, *, says: str = "", requires: Sequence[str] = ()) -> tuple[str, bytes]:
    """A pure wheel with one module; file name and content."""
    stem, info = f"{name}-{version}", f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {one}" for one in requires]
    files = {
        f"{name}.py": f"SAYS = {says or version!r}\n",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{one},,\n" for one in (*files, f"{info}/RECORD"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return f"{stem}-py3-none-any.whl", content.getvalue()


def source_archive(name: str, version: str, *, builds_with: str) -> tuple[str, bytes]:
    """A source archive that needs a package of an index to be built."""
    build = f'[build-system]\nrequires = ["{builds_with}"]\nbuild-backend = "{builds_with}"\n'
    files = {
        "pyproject.toml": build,
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    return f"{name}-{version}.tar.gz", _archive(f"{name}-{version}", files)


def npm_package(name: str, version: str, **manifest: Any) -> bytes:
    """An npm package with a manifest alone."""
    return _archive("package", {"package.json": json.dumps({"name": name, "version": version, **manifest})})


def sha256(content: bytes) -> str:
    """As pip writes it behind --hash=."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def integrity(content: bytes) -> str:
    """As npm writes it into a lock."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


@contextmanager
def index(*files: tuple[str, bytes]) -> Iterator[Served]:
    """Serve these wheels and archives: `<url>/simple/` is the index, `<url>/files/<name>` a file."""
    contents = dict(files)

    def answer(path: str) -> bytes | None:
        _, kind, name, *_ = (*path.split("/"), "", "")
        if kind == "files":
            return contents.get(name)
        of_project = [one for one in contents if one.partition("-")[0].replace("_", "-") == name]
        links = "".join(
            f'<a href="/files/{one}#sha256={sha256(contents[one])[7:]}">{one}</a>\n' for one in of_project
        )
        return f"<!DOCTYPE html><html><body>{links}</body></html>".encode() if links else None

    with _serving(answer, "text/html", Served()) as served:
        yield served


@contextmanager
def registry(*packages: tuple[str, str, bytes], lies: bytes = b"") -> Iterator[Served]:
    """Serve these npm packages (name, version, content); `lies` is served in place of every content."""
    served = Served()

    def answer(path: str) -> bytes | None:
        name, _, file = path.strip("/").partition("/-/")
        of_name = [(version, content) for one, version, content in packages if one == name]
        if file:
            return next((lies or one for version, one in of_name if file == f"{name}-{version}.tgz"), None)
        document = {
            "name": name,
            "dist-tags": {"latest": of_name[-1][0] if of_name else ""},
            "versions": {version: _version(served.url, name, version, one) for version, one in of_name},
        }
        return json.dumps(document).encode() if of_name else None

    with _serving(answer, "application/json", served):
        yield served


def _version(url: str, name: str, version: str, content: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        manifest = archive.extractfile("package/package.json")
        assert manifest is not None
        told = json.load(manifest)
    dist = {"tarball": f"{url}/{name}/-/{name}-{version}.tgz", "integrity": integrity(content)}
    return {**told, "dist": dist}


def _archive(folder: str, files: dict[str, str]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


@contextmanager
def _serving(answer: Callable[[str], bytes | None], kind: str, served: Served) -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            body = answer(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """What was asked is kept in `served`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
