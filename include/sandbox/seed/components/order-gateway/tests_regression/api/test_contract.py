"""The answers keep openapi.yaml, which goes with the commit under test."""

import ddt

from ..contract import Contract
from ..gateway import ORDER, GatewayCase

CONTRACT = Contract.of_this_checkout()


@ddt.ddt
class Kept(GatewayCase):
    @ddt.data("/orders", "/healthz", "/readyz", "/config-version", "/version")
    def test_a_reading_answer_keeps_the_contract(self, path):
        answer = self.call("GET", path)
        self.assertEqual(answer.status, 200)
        self.assertEqual(CONTRACT.breaches("get", path, answer), [])

    @ddt.data(
        (201, ORDER),
        (201, {**ORDER, "client_order_id": "契约-1"}),
        (422, {**ORDER, "quantity": 150}),
        (422, {}),
        (422, []),
        (400, "{"),
    )
    @ddt.unpack
    def test_an_answer_to_an_order_keeps_the_contract(self, status, body):
        answer = self.call("POST", "/orders", body)
        self.assertEqual(answer.status, status)
        self.assertEqual(CONTRACT.breaches("post", "/orders", answer), [])

    def test_an_answer_to_an_order_that_is_too_long_keeps_the_contract(self):
        answer = self.call("POST", "/orders", iter([b""]), Content_Length="70000")
        self.assertEqual(answer.status, 413)
        self.assertEqual(CONTRACT.breaches("post", "/orders", answer), [])

    def test_the_contract_is_of_the_version_that_runs(self):
        version = self.call("GET", "/version").json["version"]
        if version == "unbuilt":
            self.skipTest("what runs here is a checkout that no pipeline has built")
        self.assertEqual(version, CONTRACT.version)
