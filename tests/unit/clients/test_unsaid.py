"""No credential that a request carried comes back in a message, whatever the server repeats."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler

import pytest

from hummingbird.clients.http import Site
from hummingbird.clients.retrying import Retrying
from hummingbird.clients.session import BearerToken, basic
from hummingbird.core.errors import DeliveryError, Garbled
from leaks import Hunt
from unit.clients.misbehaving import Behaviour, Server, sends

TOKEN = "glpat-Zk3/8vQ+Lw0nR7xT5yU2"
HUNT = Hunt({"token": TOKEN})
WAYS = {
    "bearer": (BearerToken(TOKEN), {}, None),
    "basic": (basic("platform", TOKEN), {}, None),
    "header": (None, {"PRIVATE-TOKEN": TOKEN}, None),
    "body": (None, {}, {"username": "platform", "password": TOKEN}),
}


def echoes(server: Server, status: int) -> Behaviour:
    """Answer with everything that the request said."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        sent = server.received[-1]
        said = "".join(f"{name}: {value}\n" for name, value in sent.headers.items()).encode() + sent.body
        sends(status, b"you sent " + said, Content_Type="text/plain")(handler)

    return behave


@pytest.mark.parametrize("status", [200, 401, 422, 500])
@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_echoes_the_request_brings_no_credential_into_a_message(
    server: Server, retrying: Retrying, way: str, status: int
) -> None:
    auth, headers, document = WAYS[way]
    server.does(echoes(server, status))
    with (
        Site("Vendor", server.url, auth=auth, retrying=retrying) as site,
        pytest.raises(DeliveryError) as told,
    ):
        site.call("POST", "thing", about="a thing", headers=headers, document=document).json()
    assert HUNT.in_text(str(told.value).encode()) == set()
    assert "you sent" in str(told.value)


def test_the_server_s_other_words_stay(server: Server, retrying: Retrying) -> None:
    server.does(sends(200, b"<html>please sign in</html>"))
    with (
        Site("Vendor", server.url, auth=BearerToken(TOKEN), retrying=retrying) as site,
        pytest.raises(Garbled, match="please sign in"),
    ):
        site.call("GET", "thing", about="a thing").json()


def test_an_answer_shows_no_credential_when_it_is_printed(server: Server, retrying: Retrying) -> None:
    server.does(sends(200, json.dumps({"fine": True}).encode()))
    with Site("Vendor", server.url, auth=BearerToken(TOKEN), retrying=retrying) as site:
        answer = site.call("GET", "thing", about="a thing")
    assert HUNT.in_text(repr(answer).encode()) == set()
    assert answer.document() == {"fine": True}
