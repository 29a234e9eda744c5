"""A small web server, its deployment and its service."""

from __future__ import annotations

from typing import Any

SERVER = b"""
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = os.environ['V'] != 'bad'
        self.send_response(200 if good else 503)
        self.send_header('Content-Length', '0' if self.path == '/no' else '9')
        self.end_headers()
        self.wfile.write(f"v{os.environ['V']} {self.path[:5]}".ljust(9)[:9].encode())
    def do_POST(self):
        data = self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(201); self.end_headers(); self.wfile.write(data.upper())
    def log_message(self, *a): pass
print('up', os.environ['V'], flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
"""


def deployment(image: str, version: str, **spec: Any) -> dict[str, Any]:
    container = {
        "name": "web",
        "image": image,
        "command": ["python3", "/app/serve.py"],
        "env": [{"name": "V", "value": version}, {"name": "PORT", "value": "8000"}],
        "ports": [{"containerPort": 8000, "name": "http"}],
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1},
    }
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "progressDeadlineSeconds": 30,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": template,
            **spec,
        },
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
}
