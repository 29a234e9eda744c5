"""The answers keep openapi.yaml, which goes with the commit under test."""

import ddt

from ..contract import Contract
from ..quotes import QuoteCase

CONTRACT = Contract.of_this_checkout()


@ddt.ddt
class Kept(QuoteCase):
    @ddt.data("/quotes", "/healthz", "/readyz", "/config-version", "/version")
    def test_an_answer_keeps_the_contract(self, path):
        answer = self.get(path)
        self.assertEqual(answer.status, 200)
        self.assertEqual(CONTRACT.breaches("get", path, answer), [])

    @ddt.data((200, "600918"), (200, "000001"), (404, "999999"))
    @ddt.unpack
    def test_an_answer_about_one_security_keeps_the_contract(self, status, symbol):
        answer = self.get(f"/quotes/{symbol}")
        self.assertEqual(answer.status, status)
        self.assertEqual(CONTRACT.breaches("get", "/quotes/{symbol}", answer), [])

    def test_a_search_without_a_name_keeps_the_contract(self):
        answer = self.get("/search")
        self.assertEqual(answer.status, 400)
        self.assertEqual(CONTRACT.breaches("get", "/search", answer), [])

    def test_the_contract_is_of_the_version_that_runs(self):
        version = self.get("/version").json["version"]
        if version == "unbuilt":
            self.skipTest("what runs here is a checkout that no pipeline has built")
        self.assertEqual(version, CONTRACT.version)
