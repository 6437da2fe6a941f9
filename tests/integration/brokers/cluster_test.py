"""Three nodes of RabbitMQ, and one stopped under load. Usage: cluster_test.py PROGRAM SOURCE_DIR"""

import contextlib
import signal
import tempfile
import unittest

from scene import Scene  # first: it takes the arguments
from brokers import LOGIN, Epmd, RabbitMq
from harness import wait_for

NAMES = ("b2m1", "b2m2", "b2m3")
running = contextlib.ExitStack()
nodes = []


def setUpModule():
    epmd = running.enter_context(Epmd())
    for name in NAMES:
        # One after the other: when all begin at once, the MQTT plugin may never agree on who keeps the client ids.
        nodes.append(running.enter_context(RabbitMq(running.enter_context(tempfile.TemporaryDirectory()), epmd, name, NAMES)))
        nodes[-1].wait_until_ready()


def tearDownModule():
    running.close()


class Cluster(Scene):
    def test_a_node_that_stops_under_load_costs_no_reading(self):
        # On another node than the gateway: the cluster carries the messages.
        watcher = self.subscriber(nodes[2].port, "board2mqtt/gw/hello", login=LOGIN)
        daemon = self.daemon(self.config(
            {"broker": [f"mqtt://127.0.0.1:{node.port}" for node in nodes], **self.login()},
            sensors={"hello": {"driver": "text", "text": "{sequence}", "every": "20ms"}}))
        numbers = [int(watcher.next_text("board2mqtt/gw/hello")) for _ in range(50)]
        nodes[0].signal(signal.SIGKILL)
        wait_for(lambda: f"connected to mqtt://127.0.0.1:{nodes[1].port}" in daemon.log(), "the next node")
        seen_at_return = numbers[-1]
        while numbers[-1] < seen_at_return + 200:
            numbers.append(int(watcher.next_text("board2mqtt/gw/hello")))
        missing = sorted(set(range(1, numbers[-1] + 1)) - set(numbers))
        print(f"taken {numbers[-1]}, arrived {len(set(numbers))}, twice {len(numbers) - len(set(numbers))}, lost {len(missing)}", end=" ")
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
