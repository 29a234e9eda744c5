"""Callers that are wrong, slow, or many."""

import json
import time

import ddt

from ..exchange import line_to
from ..gateway import NAME, ORDER, GatewayCase

PIECES, REST_SECONDS = 5, 0.5


@ddt.ddt
class Wrong(GatewayCase):
    @ddt.data("", "{", "[1", "nul", b"\xff\xfe")
    def test_a_body_that_is_no_json_is_refused(self, body):
        self.refused_as_no_json(body)

    def test_a_body_of_very_many_brackets_is_refused(self):
        self.refused_as_no_json("[" * 60_000)

    def refused_as_no_json(self, body):
        answer = self.call("POST", "/orders", body)
        self.assertEqual((answer.status, answer.json), (400, {"error": "the body is not JSON"}))

    @ddt.data("[]", "1", "null", '"600918"')
    def test_json_that_is_no_order_is_refused(self, body):
        answer = self.call("POST", "/orders", body)
        self.assertEqual((answer.status, answer.json["errors"][0]["field"]), (422, "body"))

    @ddt.data("-1", "many", "65537")
    def test_a_length_that_can_not_be_is_refused_before_the_body_is_read(self, length):
        self.assertEqual(self.call("POST", "/orders", iter([b""]), Content_Length=length).status, 413)

    @ddt.data("/", "/order", "/orders/1", "/admin", "/..%2f..%2fetc%2fpasswd", "/orders%00")
    def test_an_unknown_path_is_not_served(self, path):
        for method, body in (("GET", None), ("POST", ORDER)):
            with self.subTest(method):
                self.assertEqual(self.call(method, path, body).status, 404)

    @ddt.data("PUT", "PATCH", "DELETE", "OPTIONS")
    def test_a_method_that_is_not_served_changes_nothing(self, method):
        own = self.own_id()
        answer = self.call(method, "/orders", {**ORDER, "client_order_id": own})
        self.assertIn(answer.status, (405, 501))
        self.assertNotIn(own, [order.get("client_order_id") for order in self.orders()])

    def test_a_question_mark_changes_nothing(self):
        self.assertEqual(self.call("GET", "/healthz?full=1").json, {"alive": True})


@ddt.ddt
class Slow(GatewayCase):
    @ddt.data(2, 4)
    def test_a_connection_that_rested_still_serves(self, seconds):
        with line_to(NAME) as line:
            self.assertEqual(self.place(line).status, 201)
            time.sleep(seconds)
            self.assertEqual(self.place(line).status, 201)

    def test_an_order_that_comes_in_pieces_is_taken(self):
        content = json.dumps({**ORDER, "client_order_id": self.own_id()}).encode("utf-8")
        answer = self.call("POST", "/orders", in_pieces(content), Content_Length=str(len(content)))
        self.assertEqual(answer.status, 201, answer.text)

    def test_callers_in_the_middle_of_an_order_keep_nobody_waiting(self):
        content = json.dumps(ORDER).encode("utf-8")
        with line_to(NAME) as stuck:
            stuck.connection.putrequest("POST", "/orders")
            stuck.connection.putheader("Content-Length", str(len(content)))
            stuck.connection.endheaders(content[:10])
            self.taken()


class Many(GatewayCase):
    def test_connections_that_say_nothing_keep_nobody_waiting(self):
        for _ in range(40):
            self.enterContext(line_to(NAME)).connection.connect()
        self.taken()

    def test_many_orders_go_over_one_connection(self):
        with line_to(NAME) as line:
            numbers = [self.place(line).json["id"] for _ in range(100)]
        self.assertEqual(numbers, sorted(set(numbers)))


def in_pieces(content):
    """The content piece by piece, with rests, as from a caller far away."""
    size = -(-len(content) // PIECES)
    for begin in range(0, len(content), size):
        if begin:
            time.sleep(REST_SECONDS)
        yield content[begin : begin + size]
