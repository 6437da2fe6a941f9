"""A real process loads its configuration again: SIGHUP, MQTT, a wrong file, many times. Usage: reload_test.py PROGRAM RELOADS"""

import json
import os
import signal
import socket
import sys
import tempfile
import unittest
from pathlib import Path

from harness import Daemon, Mosquitto, Subscriber, wait_for

PROGRAM = sys.argv.pop(1)
RELOADS = int(sys.argv.pop(1))
BASE = "board2mqtt/gw"


class Reload(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.broker = self.started(Mosquitto(self.folder))
        self.everything = Subscriber(self.broker.port, [f"{BASE}/#"])
        self.addCleanup(self.everything.__exit__)

    def started(self, process):
        self.addCleanup(process.__exit__)
        return process

    def write(self, sensors=None, actuators=None, **parts):
        config = {"name": "gw", "board": "walnutpi-1b", "mqtt": {"broker": f"mqtt://127.0.0.1:{self.broker.port}"},
                  "sensors": sensors or {}, "actuators": actuators or {}, **parts}
        path = self.folder / "board2mqtt.json"
        path.write_text(json.dumps(config))
        return path

    def daemon(self, **options):
        daemon = self.started(Daemon(PROGRAM, self.folder / "board2mqtt.json", "--simulate", **options))
        self.config_status("ok")
        return daemon

    def config_status(self, word):
        return json.loads(self.everything.next_text(f"{BASE}/status/config", lambda text: json.loads(text)["status"] == word))

    def hang_up(self, daemon, word="ok"):
        daemon.signal(signal.SIGHUP)
        return self.config_status(word)

    def test_sighup_starts_what_is_new_and_leaves_the_rest(self):
        counting = {"driver": "text", "text": "{sequence}", "every": "500ms"}
        fan = {"driver": "switch", "line": "PC8"}
        self.write({"a": counting}, {"fan": fan})
        daemon = self.daemon()
        self.everything.next_text(f"{BASE}/a", lambda text: text == "2")
        self.everything.ask(f"{BASE}/fan/set", "ON", f"{BASE}/fan", lambda text: text == "ON")
        self.everything.seen.clear()
        climate = {"driver": "bme280", "bus": "i2c-1", "address": "0x76"}
        self.write({"a": counting, "b": counting, "climate": climate}, {"fan": fan})
        self.hang_up(daemon)
        self.everything.next_text(f"{BASE}/climate/availability", lambda text: text == "online")
        self.everything.next_text(f"{BASE}/b", lambda text: text == "1")
        self.everything.next_text(f"{BASE}/a", lambda text: int(text) > 2)
        self.assertNotIn((f"{BASE}/fan", b"OFF"), [(m.topic, m.payload) for m in self.everything.seen])
        self.assertEqual(daemon.log().count("connected to"), 1)
        self.write({"b": counting})
        self.hang_up(daemon)
        for topic in ("a/availability", "fan", "fan/availability"):
            self.everything.next_text(f"{BASE}/{topic}", lambda text: text == "")
        late = Subscriber(self.broker.port, [f"{BASE}/#"])
        self.addCleanup(late.__exit__)
        late.next_text(f"{BASE}/b/availability")
        self.assertFalse([m.topic for m in late.seen if "/fan" in m.topic or "/a/" in m.topic])
        self.assertEqual(daemon.stop(), 0)

    def test_a_wrong_file_is_refused_and_said_on_every_road(self):
        self.write({"a": {"driver": "text", "text": "{sequence}", "every": "200ms"}})
        daemon = self.daemon()
        (self.folder / "board2mqtt.json").write_text('{"name": "gw", "sensors": {"a": {"driver": "text", "text": "x", "evry": "1s"}}}')
        status = self.hang_up(daemon, "refused")
        self.assertTrue(any("board2mqtt.json:1:" in line and "evry" in line for line in status["errors"]), status)
        self.everything.next_text(f"{BASE}/a", lambda text: int(text) > 3)
        answer = json.loads(self.everything.ask(f"{BASE}/request/reload", '{"transaction": 9}', f"{BASE}/response/reload"))
        self.assertEqual((answer["status"], answer["error"], answer["transaction"]), ("error", "configuration", 9))
        self.assertTrue(any("evry" in line for line in answer["data"]), answer)
        self.assertIn("the one before stays in use", daemon.log())
        self.write({"a": {"driver": "text", "text": "new", "every": "200ms"}})
        self.everything.ask(f"{BASE}/request/reload", "", f"{BASE}/response/reload", lambda text: '"ok"' in text)
        self.everything.next_text(f"{BASE}/a", lambda text: text == "new")

    def test_another_broker_is_moved_to_with_what_waits(self):
        self.write({"a": {"driver": "text", "text": "{sequence}", "every": "200ms"}})
        daemon = self.daemon()
        other = self.started(Mosquitto(self.folder))
        there = Subscriber(other.port, [f"{BASE}/#"])
        self.addCleanup(there.__exit__)
        self.write({"a": {"driver": "text", "text": "{sequence}", "every": "200ms"}},
                   mqtt={"broker": f"mqtt://127.0.0.1:{other.port}"})
        daemon.signal(signal.SIGHUP)
        self.assertEqual(self.everything.next_text(f"{BASE}/status", lambda text: text == "offline"), "offline")
        there.next_text(f"{BASE}/status", lambda text: text == "online")
        there.next_text(f"{BASE}/a")
        here = [int(m.payload) for m in self.everything.seen if m.topic == f"{BASE}/a"]
        moved = int(there.next_text(f"{BASE}/a"))
        self.assertGreater(moved, len(here))

    def test_the_service_manager_sees_the_daemon_reloading(self):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(notify.close)
        notify.bind(str(self.folder / "notify"))
        notify.settimeout(20)
        self.write()
        daemon = self.daemon(env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")})

        def told(word):
            while word not in (text := notify.recv(4096).decode()):
                pass
            return text

        told("READY=1")
        self.hang_up(daemon)
        self.assertIn("MONOTONIC_USEC=", told("RELOADING=1"))
        self.assertRegex(told("READY=1"), "STATUS=0 sensors, 0 actuators$")
        (self.folder / "board2mqtt.json").write_text("{")
        self.hang_up(daemon, "refused")
        told("RELOADING=1")
        self.assertIn("the new configuration was refused", told("READY=1"))

    def test_many_reloads_leak_nothing(self):
        outputs = {"fan": {"driver": "switch", "line": "PC8"}, "relay": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/0"}}
        every = {"climate": {"driver": "bme280", "bus": "i2c-1", "address": "0x76", "every": "1s"},
                 "door": {"driver": "input", "line": "PC12"},
                 "far": {"driver": "input", "line": "mcp23017@i2c-1:0x20/5", "interrupt_line": "PC9"},
                 "uart": {"driver": "text", "text": "{sequence}"}}
        rules = [{"when": "climate.temperature", "above": 20, "for": "1s", "then": {"fan": "ON"}}]
        full = dict(sensors=every, actuators=outputs, rules=rules)
        few = dict(sensors={"uart": every["uart"]}, actuators={"fan": {**outputs["fan"], "topic": "elsewhere"}})
        self.write(**full)
        daemon = self.daemon()
        proc = Path(f"/proc/{daemon.process.pid}")

        def all_ready(answer):
            report = json.loads(answer)["data"]
            return all(device["state"] == "ready" for kind in ("sensors", "actuators") for device in report[kind].values())

        seen = {}
        for i in range(RELOADS + 1):
            self.write(**(full if i % 2 == 0 else few))
            self.hang_up(daemon)
            self.everything.seen.clear()
            if i in (RELOADS // 5 * 2, RELOADS):
                self.everything.ask(f"{BASE}/request/health", "", f"{BASE}/response/health", all_ready)
                wait_for(lambda: len(list((proc / "task").iterdir())) <= seen.get("threads", 99), "workers to end")
                threads = len(list((proc / "task").iterdir()))
                descriptors = len(os.listdir(proc / "fd"))
                resident = int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
                if "fds" in seen:
                    print(f"{RELOADS} reloads: {seen['fds']} -> {descriptors} descriptors, {seen['threads']} -> {threads} threads, "
                          f"{seen['rss'] >> 10} -> {resident >> 10} kB", flush=True)
                    self.assertLessEqual(descriptors, seen["fds"])
                    if RELOADS >= 1000:  # with fewer, under a sanitizer, which keeps what is freed
                        self.assertLess(resident - seen["rss"], 1 << 20)
                seen = {"fds": descriptors, "rss": resident, "threads": threads}
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
