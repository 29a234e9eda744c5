"""Searching by a part of the name.

This case is flaky on purpose, as an example of what a night finds. After a start the service has no index of names:
the first search has it made and is answered 503 with Retry-After, as README.md says. The case does not come again, so
it fails on the first night after a deployment and passes when it is tried once more. No other case searches, else
this one would find the index there.
"""

from ..quotes import QuoteCase


class Search(QuoteCase):
    def test_a_security_is_found_by_a_part_of_its_name(self):
        answer = self.get("/search?name=%E4%B8%AD%E6%B3%B0")
        self.assertEqual(answer.status, 200, answer.text)
        self.assertIn("600918", [quote["symbol"] for quote in answer.json["quotes"]])
