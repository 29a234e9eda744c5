"""The page itself."""

from concurrent.futures import ThreadPoolExecutor

import ddt

from ..page import PageCase


@ddt.ddt
class Page(PageCase):
    @ddt.data("行情", "最近委托")
    def test_both_parts_have_their_heading(self, heading):
        self.assertIn(heading, self.page().texts["h2"])

    def test_the_title_is_the_heading(self):
        page = self.page()
        self.assertEqual(page.texts["title"], page.texts["h1"])
        self.assertIn("交易工作台", page.texts["h1"][0])

    def test_every_element_is_closed_in_its_turn(self):
        self.assertEqual(self.page().crossed, [])

    def test_every_row_has_a_cell_for_every_column(self):
        for number, table in enumerate(self.page().tables):
            with self.subTest(table=number):
                self.assertEqual({len(row) for row in table}, {len(table[0])})

    def test_the_version_that_is_told_is_the_one_that_serves(self):
        version = self.get("/version").json["version"]
        self.assertEqual(self.page().texts["footer"], [f"trade-web {version}"])

    def test_it_runs_no_script_and_loads_nothing(self):
        page = self.page()
        self.assertEqual({"script", "img", "link", "iframe"} & page.texts.keys(), set())

    def test_many_readers_at_once_all_get_a_whole_page(self):
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda _: self.page(), range(40)))
        self.assertEqual([page.crossed for page in pages], [[]] * 40)
