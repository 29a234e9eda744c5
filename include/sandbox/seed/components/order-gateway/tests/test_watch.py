import tempfile
import unittest
from pathlib import Path

from order_gateway.gateway import Gateway
from order_gateway.watch import ConfigurationWatch

from .orders import ITEMS, a_configuration


class FallingBackToFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name, "application.properties")
        self.file.write_text("\n".join(f"{key} = {value}" for key, value in ITEMS.items()), "utf-8")
        self.gateway = Gateway()

    def test_without_apollo_the_files_are_taken(self):
        ConfigurationWatch(self.gateway, None, [self.file]).start()
        self.assertEqual(self.gateway.configuration.source, "file")

    def test_without_apollo_and_files_the_gateway_says_what_is_missing(self):
        ConfigurationWatch(self.gateway, None, []).start()
        self.assertIn("ORDER_GATEWAY_CONFIG", self.gateway.rejection)

    def test_a_file_that_is_not_there_is_named(self):
        ConfigurationWatch(self.gateway, None, [Path("nowhere.properties")]).start()
        self.assertIn("nowhere.properties", self.gateway.rejection)

    def test_a_configuration_in_force_stays_while_apollo_is_away(self):
        released = a_configuration()
        self.gateway.take(released)
        ConfigurationWatch(self.gateway, None, [self.file]).load_files("Apollo is away")
        self.assertIs(self.gateway.configuration, released)
