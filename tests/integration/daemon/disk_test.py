"""The daemon on disks that fail: full, unwritable, damaged, taken. Usage: disk_test.py PROGRAM"""

import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import unittest
from pathlib import Path

from harness import DEADLINE, Daemon, Forwarder, Mosquitto, Subscriber, free_port, wait_for

PROGRAM = sys.argv.pop(1)
TOPIC = "board2mqtt/gw/hello"


class Disk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.port = free_port()
        self.state = self.folder / "state"
        self.database = self.state / "board2mqtt.db"

    def started(self, process):
        self.addCleanup(process.__exit__)
        return process

    def config(self, **outbox):
        path = self.folder / "board2mqtt.json"
        path.write_text(json.dumps({
            "name": "gw", "board": "walnutpi-1b",
            "mqtt": {"broker": f"mqtt://127.0.0.1:{self.port}", "reconnect": {"min": "100ms", "max": "200ms"}},
            "outbox": {"sync": "100ms", **outbox},
            "sensors": {"hello": {"driver": "text", "text": "{run} {sequence}", "every": "100ms"}}}))
        return path

    def daemon(self, config=None, **options):
        return self.started(Daemon(PROGRAM, config or self.config(), "--simulate", "--verbose", **options))

    def broker(self):
        """A subscriber at the daemon's broker, which the daemon reaches only when the subscriber listens."""
        broker = self.started(Mosquitto(self.folder))
        subscriber = Subscriber(broker.port, [TOPIC, TOPIC + "/history"])
        self.addCleanup(subscriber.__exit__)
        way = Forwarder(self.port, broker.port)
        self.addCleanup(way.close)
        way.start()
        return subscriber

    def taken(self, daemon, count):
        wait_for(lambda: daemon.log().count(f"reading for {TOPIC}: ") >= count, f"{count} readings",
                 DEADLINE + count // 10)  # ten a second

    def numbers(self, subscriber, count, topic=TOPIC):
        return [int(subscriber.next_text(topic).split()[1]) for _ in range(count)]

    def left_behind(self, count, **outbox):
        """A daemon that has never seen a broker ends cleanly after `count` readings and more."""
        daemon = self.daemon(self.config(**outbox))
        self.taken(daemon, count)
        self.assertEqual(daemon.stop(), 0)
        self.assertIn("wait on disk for the next start", daemon.log())

    def test_what_never_saw_a_broker_arrives_after_a_restart_in_order(self):
        self.left_behind(10)
        hello = self.broker()
        self.daemon()
        self.assertEqual(self.numbers(hello, 10), list(range(1, 11)))

    def test_what_exceeds_the_memory_arrives_in_order(self):
        daemon = self.daemon(self.config(memory=16))
        self.taken(daemon, 40)
        hello = self.broker()
        self.assertEqual(self.numbers(hello, 40), list(range(1, 41)))

    def test_with_live_first_what_waited_arrives_beside_what_is_new(self):
        self.left_behind(10)
        hello = self.broker()
        self.daemon(self.config(replay="live_first"))
        self.assertEqual(self.numbers(hello, 10, TOPIC + "/history"), list(range(1, 11)))
        live = hello.next_text(TOPIC).split()
        self.assertGreater(int(live[1]), 0)

    def test_what_is_too_old_is_dropped_and_said(self):
        self.left_behind(10)
        hello = self.broker()
        daemon = self.daemon(self.config(max_age="1ms"))
        wait_for(lambda: "longer than outbox.max_age" in daemon.log(), "the warning")
        del hello

    def test_the_second_daemon_on_a_directory_says_who_has_it_and_works_without(self):
        hello = self.broker()
        first = self.daemon()
        self.taken(first, 1)
        second = self.daemon()
        wait_for(lambda: f"in use by another board2mqtt (process {first.process.pid})" in second.log(), "the warning")
        self.taken(second, 3)
        self.assertGreater(len(self.numbers(hello, 3)), 0)

    def test_a_directory_that_cannot_be_written_costs_a_warning_and_nothing_else(self):
        hello = self.broker()
        daemon = self.daemon(state="/proc/board2mqtt")
        self.assertEqual(self.numbers(hello, 3), [1, 2, 3])
        self.assertEqual(daemon.log().count("/proc/board2mqtt: cannot be made"), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_a_directory_that_comes_late_is_used_and_what_it_holds_arrives(self):
        self.left_behind(10)
        away = self.state.rename(self.folder / "away")
        self.state.write_text("in the way")  # as a mount that is not there yet
        daemon = self.daemon()
        wait_for(lambda: "kept in memory only until it can be used" in daemon.log(), "the warning")
        self.state.unlink()
        away.rename(self.state)
        wait_for(lambda: f"{self.state} can be used now" in daemon.log(), "the directory to be used")
        hello = self.broker()
        earlier = [hello.next_text(TOPIC).split() for _ in range(10)]
        self.assertEqual([int(number) for _, number in earlier], list(range(1, 11)))
        run = earlier[0][0]
        now = hello.next_text(TOPIC, lambda text: text.split()[0] != run).split()
        self.assertEqual(int(now[1]), 1, "what was taken while there was no directory follows")
        self.assertEqual(daemon.log().count("until it can be used"), 1)

    def test_on_a_full_disk_readings_stay_in_memory_and_that_is_said_once(self):
        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

        daemon = self.daemon(self.config(memory=50), preexec_fn=small_files)
        wait_for(lambda: "kept in memory only" in daemon.log(), "the warning")
        seen = daemon.log().count("reading for")
        self.taken(daemon, seen + 80)
        hello = self.broker()
        newest = self.numbers(hello, 30)
        self.assertEqual(newest, sorted(newest))
        self.assertEqual(daemon.log().count("kept in memory only"), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_of_a_truncated_database_the_whole_rows_arrive(self):
        self.left_behind(60)
        size = self.database.stat().st_size
        os.truncate(self.database, size - 4096)
        hello = self.broker()
        daemon = self.daemon()
        saved = daemon_saved(daemon)
        numbers = self.numbers(hello, max(saved, 1))
        self.assertEqual(numbers, sorted(numbers))
        self.assertTrue(list(self.state.glob("board2mqtt.db.damaged-*")))

    def test_changed_bytes_in_the_database_cost_their_rows_alone(self):
        self.left_behind(60)
        content = bytearray(self.database.read_bytes())
        rows = {int(row[2]): row for row in re.finditer(rb"board2mqtt/gw/hello(\d+) (\d+)", content)}
        count = max(rows)
        self.assertEqual(sorted(rows), list(range(1, count + 1)))
        damaged = random.Random(1).sample(sorted(rows), 5)
        for number in damaged:
            content[rows[number].start(1)] ^= 0x01  # a digit of the text for another
        self.database.write_bytes(content)
        hello = self.broker()
        daemon = self.daemon()
        self.assertEqual(self.numbers(hello, count - 5), [number for number in range(1, count + 1) if number not in damaged])
        self.assertEqual(hello.next_text(TOPIC).split()[1], "1", "the new daemon's come after them")
        self.assertIn("readings that waited on disk are damaged and dropped", daemon.log())

    def test_a_page_that_leads_to_others_costs_nothing(self):
        self.left_behind(200)
        content = bytearray(self.database.read_bytes())
        self.assertEqual(content[4096], 5, "the table's first page is an interior one")
        content[4096:8192] = os.urandom(4096)
        self.database.write_bytes(content)
        hello = self.broker()
        daemon = self.daemon()
        count = daemon_saved(daemon)
        self.assertGreaterEqual(count, 200)
        self.assertEqual(self.numbers(hello, count), list(range(1, count + 1)))

    def test_a_file_that_is_no_database_is_set_aside(self):
        self.state.mkdir()
        self.database.write_bytes(b"no database at all " * 1000)
        hello = self.broker()
        daemon = self.daemon()
        self.assertEqual(self.numbers(hello, 3), [1, 2, 3])
        self.assertIn("was damaged", daemon.log())
        self.assertTrue(list(self.state.glob("board2mqtt.db.damaged-*")))


def daemon_saved(daemon):
    """How many readings the daemon says it has saved."""
    wait_for(lambda: "was damaged" in daemon.log(), "the damage to be found")
    return int(daemon.log().split(" readings and ")[0].rsplit("; ", 1)[1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
