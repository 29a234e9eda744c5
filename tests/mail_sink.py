"""A mail server on a real socket that keeps what it is given; it can refuse for a while."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage


@dataclass
class MailSink:
    """Messages in the order they came, and how often to say 451 first."""

    port: int = 0
    busy: int = 0
    messages: list[EmailMessage] = field(default_factory=list)


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A server on a free port of loopback."""
    sink = MailSink()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 sink")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "MAIL" and sink.busy:
                    sink.busy -= 1
                    self.say("451 later")
                elif verb == "DATA":
                    self.say("354 go on")
                    self.keep()
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def keep(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b"."))
            message = email.message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(message, EmailMessage)
            sink.messages.append(message)
            self.say("250 kept")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join(5)
