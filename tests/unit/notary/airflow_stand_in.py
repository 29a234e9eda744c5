"""The four calls of Airflow's API that the notary makes, over a real socket: /api/v2 of Airflow 3.3."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

PASSWORD = "a-password-of-the-platform"


@dataclass
class AirflowStandIn:
    """State that tests set and look at."""

    runs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    prompts: dict[tuple[str, str, str, int], dict[str, Any]] = field(default_factory=dict)
    triggered: list[dict[str, Any]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    """Statuses that the next triggers answer with, before one succeeds."""
    broken: bool = False
    """Every read answers 503."""
    url: str = ""

    def prompt(self, request: str, number: int, **fields: Any) -> dict[str, Any]:
        """Put a prompt of the approval run of a request; returns the body of an answer call."""
        run_id = f"HB-101.1__{request[:6]}__approval"
        conf = fields.pop("conf", {"request": request})
        user = fields.pop("triggering_user_name", "platform")
        dag_id = fields.pop("dag_id", "approval")
        self.runs[(dag_id, run_id)] = {"conf": conf, "triggering_user_name": user, "state": "running"}
        self.prompts[(dag_id, run_id, "sign", number - 1)] = {
            "subject": f"HB-101 {request[:12]}",
            "options": ["Approve", "Reject"],
            "response_received": False,
            "responded_by_user": None,
            "responded_at": None,
            "chosen_options": None,
            "params_input": {},
        } | fields
        return {
            "number": number,
            "dag_id": dag_id,
            "run_id": run_id,
            "task_id": "sign",
            "map_index": number - 1,
        }

    def answered(
        self, request: str, number: int, user: str, choice: str = "Approve", **fields: Any
    ) -> dict[str, Any]:
        """Put a prompt that a user answered."""
        answer = {
            "response_received": True,
            "responded_by_user": {"id": "7", "name": user},
            "responded_at": "2026-11-22T10:00:00Z",
            "chosen_options": [choice],
            "params_input": {"reason": fields.pop("reason", "looked at it")},
        }
        return self.prompt(request, number, **(answer | fields))

    def open_prompts(self, dag_id: str = "~", run_id: str = "~") -> list[dict[str, Any]]:
        """Prompts of a DAG that nobody has answered."""
        return [
            {
                **prompt,
                "task_instance": {
                    "dag_id": place[0],
                    "dag_run_id": place[1],
                    "task_id": place[2],
                    "map_index": place[3],
                },
            }
            for place, prompt in self.prompts.items()
            if place[0] == dag_id and not prompt["response_received"]
        ]

    def take(self, place: tuple[str, str, str, int], body: dict[str, Any]) -> bool:
        """The platform's answer; False when there is one already."""
        prompt = self.prompts[place]
        if prompt["response_received"]:
            return False
        user = {"id": "platform", "name": "platform"}
        prompt.update(response_received=True, responded_by_user=user, **body)
        return True


def start(stand_in: AirflowStandIn) -> ThreadingHTTPServer:  # noqa: C901  # a handler in a function
    """Serve on a free port until `shutdown`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = [unquote(part) for part in self.path.split("/")[3:]]
            if stand_in.broken:
                self.reply(503, {"detail": "later"})
            elif self.headers.get("Authorization") != "Bearer token-of-platform":
                self.reply(401, {"detail": "not authenticated"})
            elif parts[-1].startswith("hitlDetails") and len(parts) == 5:
                found = stand_in.open_prompts(parts[1])
                self.reply(200, {"hitl_details": found, "total_entries": len(found)})
            elif len(parts) == 4:
                self.found(stand_in.runs.get((parts[1], parts[3])))
            else:
                self.found(stand_in.prompts.get((parts[1], parts[3], parts[5], int(parts[6]))))

        def do_PATCH(self) -> None:
            parts = [unquote(part) for part in self.path.split("/")[3:]]
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken = stand_in.take((parts[1], parts[3], parts[5], int(parts[6])), body)
            self.reply(200 if taken else 409, {"detail": "answered"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/auth/token":
                good = body == {"username": "platform", "password": PASSWORD}
                self.reply(201 if good else 401, {"access_token": "token-of-platform"} if good else {})
                return
            dag_id = self.path.split("/")[4]
            key = (dag_id, body["dag_run_id"])
            if stand_in.failures:
                self.reply(stand_in.failures.pop(0), {"detail": "later"})
            elif key in stand_in.runs:
                self.reply(409, {"detail": "exists"})
            else:
                stand_in.runs[key] = {"conf": body["conf"], "state": "queued"}
                stand_in.triggered.append({"dag_id": dag_id, **body})
                self.reply(200, {"dag_run_id": body["dag_run_id"]})

        def found(self, document: dict[str, Any] | None) -> None:
            self.reply(200 if document else 404, document or {"detail": "not found"})

        def reply(self, status: int, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
