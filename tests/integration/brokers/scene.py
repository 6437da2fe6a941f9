"""What the tests of the brokers have in common: a folder, the daemon, and configurations as users write them."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from brokers import LOGIN  # before harness: it knows where that is
from harness import Daemon, Subscriber, mqtt

PROGRAM = sys.argv.pop(1)
SOURCE = Path(sys.argv.pop(1))
QUICK = {"min": "100ms", "max": "500ms"}


class Scene(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def kept(self, process):
        self.addCleanup(getattr(process, "close", None) or process.__exit__)
        return process

    def subscriber(self, port, *filters, protocol=mqtt.MQTTv311, login=None):
        subscriber = Subscriber(port, filters, protocol, login)
        self.addCleanup(subscriber.__exit__)
        return subscriber

    def secret(self, name, content):
        path = self.folder / name
        path.write_text(content + "\n")
        path.chmod(0o600)
        return name

    def login(self, name=LOGIN[0], password=LOGIN[1]):
        return {"username": name, "password_file": self.secret("password", password)}

    def config(self, mqtt_block, **parts):
        """A configuration of the test's own, with a text ten times a second."""
        config = {"name": "gw", "board": "walnutpi-1b", "mqtt": {"reconnect": QUICK, **mqtt_block},
                  "sensors": {"hello": {"driver": "text", "text": "{sequence}", "every": "100ms"}}, **parts}
        path = self.folder / "board2mqtt.json"
        path.write_text(json.dumps(config))
        return path

    def example(self, mqtt_block):
        """The shipped example, unchanged but for the mqtt block, which a user would lay over it in conf.d."""
        path = self.folder / "board2mqtt.json"
        path.write_text((SOURCE / "configs/examples/walnutpi.json").read_text())
        (self.folder / "conf.d").mkdir()
        (self.folder / "conf.d/mqtt.json").write_text(json.dumps({"name": "walnutpi", "mqtt": {"reconnect": QUICK, **mqtt_block}}))
        for secret in self.folder.glob("password"):
            (self.folder / "conf.d" / secret.name).symlink_to(secret)
        return path

    def daemon(self, path, **environment):
        return self.kept(Daemon(PROGRAM, path, "--simulate"))

    @staticmethod
    def program(*arguments):
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60)
