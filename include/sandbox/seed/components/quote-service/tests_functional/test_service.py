"""The service as its callers see it."""

import ddt

from .quotes import QuoteCase


@ddt.ddt
class Service(QuoteCase):
    def test_it_is_alive_and_ready(self):
        self.assertEqual(self.get("/healthz"), (200, {"alive": True}))
        self.assertEqual(self.get("/readyz"), (200, {"ready": True}))

    def test_it_says_which_version_and_configuration_it_is(self):
        self.assertEqual(self.get("/version")[1]["component"], "quote-service")
        self.assertRegex(self.get("/config-version")[1]["sha256"], "^[0-9a-f]{64}$")

    @ddt.data("600918", "600519", "000001")
    def test_a_security_is_quoted(self, symbol):
        quote = self.quote(symbol)
        self.assertEqual(quote["symbol"], symbol)
        self.assertRegex(quote["previous_close"], r"^\d+\.\d{2}$")

    @ddt.data("999999", "60091", "..%2Fversion")
    def test_what_is_no_security_is_not_found(self, symbol):
        self.assertEqual(self.get(f"/quotes/{symbol}")[0], 404)

    def test_all_quotes_are_listed_once(self):
        symbols = [quote["symbol"] for quote in self.get("/quotes")[1]["quotes"]]
        self.assertEqual(sorted(set(symbols)), sorted(symbols))
        self.assertIn("600918", symbols)
