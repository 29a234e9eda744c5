"""E-mail by SMTP: one message to one person."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

from hummingbird.core.errors import Denied, Invalid, Unreachable

_SECONDS = 10.0


@dataclass(frozen=True)
class Mail:
    """A mail server; STARTTLS is required unless it is on loopback."""

    host: str
    port: int
    sender: str
    tls: bool = True
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, to: str, subject: str, text: str, identity: str) -> None:
        """Hand the message over; Unreachable when that may be tried again, Invalid when it never succeeds.

        `identity` makes the Message-ID: a server that gets the message twice can see it.
        """
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{identity}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        where = f"mail server {self.host}:{self.port}"
        try:
            with smtplib.SMTP(self.host, self.port, timeout=_SECONDS) as server:
                if self.tls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            raise Denied(f"{where} refuses the account {self.user}: {error.smtp_code}") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise Invalid(f"{where} refuses the address {to}: {error.recipients.get(to)}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{where}: {error}") from error
