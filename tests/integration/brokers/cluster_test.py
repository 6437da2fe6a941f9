"""Three nodes of RabbitMQ, and one stopped under load. Usage: cluster_test.py PROGRAM SOURCE_DIR"""

import contextlib
import signal
import tempfile
import unittest

from scene import Scene  # first: it takes the arguments
from brokers import LOGIN, Epmd, RabbitMq
from harness import DEADLINE, wait_for

NAMES = ("b2m1", "b2m2", "b2m3")
running = contextlib.ExitStack()
nodes = []


def setUpModule():
    unittest.addModuleCleanup(running.close)  # also when what follows fails
    epmd = running.enter_context(Epmd())
    for name in NAMES:
        # One after the other: when all begin at once, the MQTT plugin may never agree on who keeps the client ids.
        nodes.append(running.enter_context(RabbitMq(running.enter_context(tempfile.TemporaryDirectory()), epmd, name, NAMES)))
        nodes[-1].wait_until_ready()


class Cluster(Scene):
    def test_a_node_that_stops_under_load_costs_no_reading(self):
        topics = [f"board2mqtt/gw/load{i}" for i in range(10)]
        # On another node than the gateway: the cluster carries the messages.
        watcher = self.subscriber(nodes[2].port, *topics, login=LOGIN)
        daemon = self.daemon(self.config(
            {"broker": [f"mqtt://127.0.0.1:{node.port}" for node in nodes], **self.login()},
            sensors={f"load{i}": {"driver": "text", "text": "{sequence}", "every": "100ms"} for i in range(10)}))
        arrived = {topic: [] for topic in topics}

        def collect_until(number):
            """From each sensor up to this number."""
            while any(not numbers or numbers[-1] < number for numbers in arrived.values()):
                message = watcher.messages.get(timeout=DEADLINE)
                arrived[message.topic].append(int(message.payload))

        wait_for(lambda: f"connected to mqtt://127.0.0.1:{nodes[0].port}" in daemon.log(), "the first node")
        collect_until(20)
        nodes[0].signal(signal.SIGKILL)
        wait_for(lambda: f"connected to mqtt://127.0.0.1:{nodes[1].port}" in daemon.log(), "the next node")
        collect_until(max(max(numbers) for numbers in arrived.values()) + 50)
        lost = {topic: sorted(set(range(1, numbers[-1] + 1)) - set(numbers)) for topic, numbers in arrived.items()}
        count = sum(len(numbers) for numbers in arrived.values())
        print(f"arrived {count}, twice {count - sum(len(set(n)) for n in arrived.values())}, lost {sum(map(len, lost.values()))}", end=" ")
        self.assertEqual(lost, {topic: [] for topic in topics})


if __name__ == "__main__":
    unittest.main(verbosity=2)
