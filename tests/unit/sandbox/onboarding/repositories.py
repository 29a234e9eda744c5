"""Small repositories of the shapes that teams bring, made by git on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path

PYTHON_SERVER = """
import http.server, os

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "{path}" else 404)
        self.end_headers()
        self.wfile.write(b"ok")

if __name__ == "__main__":
    http.server.HTTPServer(("{host}", {port}), Page).serve_forever()
"""
NODE_SERVER = """
const http = require('http');
http.createServer((request, response) => {
  response.statusCode = request.url === '/' ? 200 : 404;
  response.end('ok');
}).listen(process.env.PORT);
"""
FROM_ENVIRONMENT = 'int(os.environ["PORT"])'
PYTHON_TEST = {"tests/test_it.py": "def test_it():\n    assert True\n"}


def python_server(*, path: str = "/healthz", host: str = "0.0.0.0", port: str = FROM_ENVIRONMENT) -> str:
    """A program of Python's standard library."""
    return PYTHON_SERVER.format(path=path, host=host, port=port)


def repository(folder: Path, files: dict[str, str], branch: str = "trunk") -> Path:
    """A repository with one commit on a branch that is called neither master nor main."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    git(folder, "init", "--quiet", f"--initial-branch={branch}")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    return folder


def git(folder: Path, *words: str) -> str:
    """git with an identity of its own."""
    identity = ["-c", "user.name=Team", "-c", "user.email=team@example.org"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
