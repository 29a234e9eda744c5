import http.client
import json
import socket
import struct
import threading
import unittest

from order_gateway.gateway import Gateway
from order_gateway.web import OrderServer

from .orders import a_body, a_configuration


class OverHttp(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        server = OrderServer(("127.0.0.1", 0), self.gateway)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = server.server_address[1]

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        self.addCleanup(connection.close)
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, path, content)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def test_it_is_alive_but_not_ready_before_a_configuration_is_there(self):
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        status, answer = self.call("GET", "/readyz")
        self.assertEqual((status, answer["ready"]), (503, False))

    def test_an_order_before_that_is_put_off(self):
        self.assertEqual(self.call("POST", "/orders", a_body())[0], 503)

    def test_an_invalid_configuration_keeps_it_from_being_ready_and_is_explained(self):
        self.gateway.take(a_configuration(order_lot_size="many"))
        status, answer = self.call("GET", "/readyz")
        self.assertEqual(status, 503)
        self.assertIn("order.lot.size", answer["why"])

    def test_a_valid_configuration_makes_it_ready_and_is_named(self):
        configuration = a_configuration()
        self.gateway.take(configuration)
        self.assertEqual(self.call("GET", "/readyz"), (200, {"ready": True}))
        self.assertEqual(self.call("GET", "/config-version")[1]["sha256"], configuration.sha256)

    def test_an_order_is_taken_and_listed(self):
        self.gateway.take(a_configuration())
        status, order = self.call("POST", "/orders", a_body(client_order_id="客户-1"))
        self.assertEqual((status, order["status"], order["client_order_id"]), (201, "ACCEPTED", "客户-1"))
        self.assertIsNone(order["reference_price"])
        self.assertEqual(self.call("GET", "/orders"), (200, {"orders": [order]}))

    def test_a_refused_order_names_field_and_reason(self):
        self.gateway.take(a_configuration())
        status, answer = self.call("POST", "/orders", a_body(quantity=150))
        self.assertEqual(status, 422)
        self.assertEqual(answer["errors"], [{"field": "quantity", "reason": "must be a multiple of 100"}])

    def test_a_body_that_is_not_json_is_refused(self):
        for body in ("{", "[" * 60000):
            with self.subTest(body[:3]):
                self.assertEqual(self.call("POST", "/orders", body)[0], 400)

    def test_a_body_that_is_too_large_is_refused(self):
        self.assertEqual(self.call("POST", "/orders", " " * 70000)[0], 413)

    def test_an_unknown_path_is_not_served(self):
        self.assertEqual(self.call("GET", "/secrets")[0], 404)
        self.assertEqual(self.call("POST", "/orders/1", "{}")[0], 404)

    def test_a_caller_that_hangs_up_leaves_no_trace(self):
        with self.assertNoLogs("order_gateway", "WARNING"):
            for _ in range(3):
                caller = socket.create_connection(("127.0.0.1", self.port), timeout=5)
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                caller.sendall(b"GET /healthz HTTP/1.1\r\n")
                caller.close()
            self.assertEqual(self.call("GET", "/healthz")[0], 200)

    def test_an_unbuilt_checkout_says_so(self):
        self.assertEqual(self.call("GET", "/version")[1]["component"], "order-gateway")
