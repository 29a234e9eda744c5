"""Quotes one by one and all together."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import ddt

from ..quotes import QuoteCase


@ddt.ddt
class Quotes(QuoteCase):
    @ddt.data(
        ("600918", "中泰证券", "SH", "6.52"),
        ("600519", "贵州茅台", "SH", "1468.00"),
        ("600036", "招商银行", "SH", "42.18"),
        ("600000", "浦发银行", "SH", "12.35"),
        ("688981", "中芯国际", "SH", "118.30"),
        ("000001", "平安银行", "SZ", "11.42"),
        ("000333", "美的集团", "SZ", "74.60"),
    )
    @ddt.unpack
    def test_a_security_has_its_name_market_and_close(self, symbol, name, market, close):
        quote = self.quote(symbol)
        found = (quote["symbol"], quote["name"], quote["market"], quote["previous_close"])
        self.assertEqual(found, (symbol, name, market, close))

    @ddt.data(
        "999999", "60091", "6009180", "600918%20", "%E4%B8%AD%E6%B3%B0", "600918;1", "0x10", "..%2Fversion"
    )
    def test_what_is_no_quoted_security_is_not_found(self, symbol):
        answer = self.get(f"/quotes/{symbol}")
        self.assertEqual(answer.status, 404)
        self.assertIn("is not quoted", answer.json["error"])

    def test_all_quotes_are_listed_once_as_they_are_quoted_alone(self):
        quotes = self.quotes()
        self.assertEqual(len({quote["symbol"] for quote in quotes}), len(quotes))
        for quote in quotes:
            with self.subTest(quote["symbol"]):
                self.assertEqual(self.quote(quote["symbol"]), quote)

    def test_every_close_is_a_positive_price_to_the_cent(self):
        for quote in self.quotes():
            with self.subTest(quote["symbol"]):
                close = Decimal(quote["previous_close"])
                self.assertGreater(close, 0)
                self.assertEqual(close.as_tuple().exponent, -2)

    @ddt.data(("6", "SH"), ("0", "SZ"))
    @ddt.unpack
    def test_a_code_tells_its_market(self, begin, market):
        markets = {quote["market"] for quote in self.quotes() if quote["symbol"].startswith(begin)}
        self.assertEqual(markets, {market})

    def test_many_who_ask_at_the_same_time_hear_the_same(self):
        with ThreadPoolExecutor(8) as pool:
            heard = list(pool.map(lambda _: self.get("/quotes").text, range(200)))
        self.assertEqual(len(set(heard)), 1)
