import tempfile
import unittest
from pathlib import Path

from order_gateway.configuration import (
    Configuration,
    ConfigurationError,
    parse_properties,
    read_files,
)
from order_gateway.rules import read_rules

CONFIG = Path(__file__).parent.parent / "config"


class ParsingProperties(unittest.TestCase):
    def test_keys_and_values_are_read_without_the_blanks_around_them(self):
        self.assertEqual(parse_properties("a.b =  1 \n"), {"a.b": "1"})

    def test_comments_and_blank_lines_say_nothing(self):
        self.assertEqual(parse_properties("# 注释\n\n a=1"), {"a": "1"})

    def test_a_value_may_contain_an_equals_sign(self):
        self.assertEqual(parse_properties("a = b=c"), {"a": "b=c"})

    def test_a_line_without_an_equals_sign_is_refused_with_its_number(self):
        with self.assertRaisesRegex(ConfigurationError, "line 2"):
            parse_properties("a=1\nnonsense")


class NamingAConfiguration(unittest.TestCase):
    def test_the_hash_depends_on_the_items_alone(self):
        first = Configuration({"a": "1", "b": "2"}, "file")
        second = Configuration({"b": "2", "a": "1"}, "apollo", "20261122-1")
        self.assertEqual(first.sha256, second.sha256)

    def test_another_value_makes_another_hash(self):
        self.assertNotEqual(Configuration({"a": "1"}, "file").sha256, Configuration({"a": "2"}, "file").sha256)


class ReadingFiles(unittest.TestCase):
    def test_a_later_file_wins_over_an_earlier_one(self):
        with tempfile.TemporaryDirectory() as folder:
            first, second = Path(folder, "first"), Path(folder, "second")
            first.write_text("a=1\nb=1", "utf-8")
            second.write_text("b=2", "utf-8")
            self.assertEqual(read_files([first, second]).items, {"a": "1", "b": "2"})

    def test_a_missing_file_is_named(self):
        with self.assertRaisesRegex(ConfigurationError, "nowhere"):
            read_files([Path("nowhere")])

    def test_the_files_for_dev_and_test_can_be_worked_with(self):
        for name in ("dev", "test"):
            with self.subTest(name):
                self.assertTrue(read_rules(read_files([CONFIG / f"{name}.properties"])))
