"""The gateway on a bus, seen by its own client and by others. Usage: bus_test.py PROGRAM SOURCE_DIR"""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from harness import Daemon, Process, free_port, wait_for
from private_bus import CLOSED, OPEN, PrivateBus, shipped

PROGRAM = sys.argv.pop(1)
SOURCE = Path(sys.argv.pop(1))

NAME = "org.board2mqtt.Gateway1"
NOBODY = 65534
NO_ROOT = os.geteuid() != 0
DEVICES = {
    "sensors": {"climate": {"driver": "bme280", "bus": "i2c-1", "every": "200ms"},
                "soil-1": {"driver": "lm75", "bus": "i2c-1", "address": "0x48", "every": "500ms"}},
    "actuators": {"fan": {"driver": "switch", "line": "PC8"}, "lamp": {"driver": "switch", "line": "PC9", "interlock": ["fan"]}}}


class Lines:
    """What a process prints, line by line, as it comes."""

    def __init__(self, stream):
        self.lines = []
        self.thread = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.thread.start()

    def read(self, stream):
        for line in stream:
            self.lines.append(line)

    def wait_for(self, pattern):
        wait_for(lambda: any(re.search(pattern, line) for line in list(self.lines)), pattern)


class Bus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.program = PROGRAM

    def bus(self, policy=OPEN):
        bus = PrivateBus(self.folder, policy)
        self.addCleanup(bus.stop)
        return bus

    def daemon(self, bus, **options):
        daemon = Daemon(self.program, self.write(**DEVICES), "--simulate", env=bus.environment, **options)
        self.addCleanup(daemon.__exit__)
        return daemon

    def write(self, **parts):
        config = self.folder / "board2mqtt.json"
        config.write_text(json.dumps({"name": "gw", "board": "walnutpi-1b", "mqtt": {"broker": f"mqtt://127.0.0.1:{free_port()}"},
                                      **parts}))
        return config

    def on_bus(self, bus):
        """The daemon once it is to be found and has measured."""
        daemon = self.daemon(bus)
        self.wait_until_measured(bus)
        return daemon

    def followed(self, bus):
        """What another client is told from now on."""
        monitor = Process(["gdbus", "monitor", "--system", "--dest", NAME], env=bus.environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(monitor.__exit__)
        return Lines(monitor.process.stdout)

    def wait_until_measured(self, bus):
        def measured():
            result = bus.run(self.program, "status", "--json")
            if result.returncode != 0:
                return False
            sensors = json.loads(result.stdout)["sensors"]
            return all("temperature" in sensor["channels"] for sensor in sensors.values())
        wait_for(measured, "a reading on the bus")

    def for_all_users(self):
        """Another user cannot look into the build folder."""
        self.folder.chmod(0o755)
        self.program = shutil.copy(PROGRAM, self.folder / "board2mqtt")

    def test_status_shows_values_with_units_states_and_the_link(self):
        bus = self.bus().start()
        self.on_bus(bus)
        shown = json.loads(bus.run(PROGRAM, "status", "--json").stdout)
        self.assertEqual(shown["sensors"]["climate"]["channels"]["pressure"]["unit"], "hPa")
        self.assertEqual(shown["sensors"]["soil-1"]["state"], "ready")
        self.assertEqual(shown["actuators"]["fan"], {**shown["actuators"]["fan"], "output": "OFF", "cause": "initial"})
        self.assertFalse(shown["link"]["connected"])
        self.assertGreater(shown["queue"], 0)
        table = bus.run(PROGRAM, "status").stdout
        self.assertRegex(table, r"climate +temperature +[\d.]+ °C +\d+s\n")
        self.assertNotIn("\x1b", table)

    def test_set_takes_the_road_of_every_command_and_ends_with_1_when_refused(self):
        bus = self.bus().start()
        self.on_bus(bus)
        done = bus.run(PROGRAM, "set", "fan", "on")
        self.assertEqual((done.returncode, done.stdout), (0, "fan: ON\n"))
        refused = bus.run(PROGRAM, "set", "lamp", "ON")
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r"^lamp: refused \(interlock\): ")
        unknown = bus.run(PROGRAM, "set", "nothing", "ON", "--json")
        self.assertEqual((unknown.returncode, json.loads(unknown.stdout)["error"]), (1, "unknown_actuator"))
        self.assertEqual(bus.run(PROGRAM, "set", "fan", '{"state":"OFF"}').stdout, "fan: OFF\n")

    def test_other_clients_find_objects_interfaces_and_methods(self):
        bus = self.bus().start()
        self.on_bus(bus)
        self.assertIn("/org/board2mqtt/sensors/soil_2d1", bus.run("busctl", "--system", "tree", "--list", NAME).stdout.split())
        shown = bus.run("busctl", "--system", "introspect", NAME, "/org/board2mqtt/sensors/climate", "org.board2mqtt.Sensor1").stdout
        self.assertRegex(shown, r"\.Read +method")
        self.assertRegex(shown, r"\.Readings +property +a\{sv\} .*emits-change")
        got = bus.run("busctl", "--system", "--json=short", "get-property", NAME, "/org/board2mqtt/sensors/climate",
                      "org.board2mqtt.Sensor1", "Readings")
        self.assertEqual(json.loads(got.stdout)["data"]["temperature"]["type"], "d")
        set_by = bus.run("busctl", "--system", "call", NAME, "/org/board2mqtt/actuators/fan", "org.board2mqtt.Actuator1", "Set",
                         "s", "TOGGLE")
        self.assertEqual(set_by.stdout, 's "ON"\n')

    def test_other_clients_are_told_what_changes(self):
        bus = self.bus().start()
        self.on_bus(bus)
        lines = self.followed(bus)
        lines.wait_for(r"/sensors/climate: .*PropertiesChanged \('org.board2mqtt.Sensor1', .*'temperature': <\d")
        bus.run(PROGRAM, "set", "fan", "ON")
        lines.wait_for(r"/actuators/fan: .*PropertiesChanged .*'Output': <'ON'>.*'Cause': <'a command'>")

    def test_a_reload_is_answered_and_other_clients_are_told_which_devices_come_and_go(self):
        bus = self.bus().start()
        self.on_bus(bus)
        lines = self.followed(bus)
        lines.wait_for("/sensors/climate: .*PropertiesChanged")
        climate, fan = DEVICES["sensors"]["climate"], DEVICES["actuators"]["fan"]
        self.write(sensors={"climate": climate, "yard": {"driver": "lm75", "bus": "i2c-1", "address": "0x49"}},
                   actuators={"fan": fan, "pump": {"driver": "switch", "line": "PC9"}})
        self.assertEqual(bus.run(PROGRAM, "reload").returncode, 0)
        for signal_name, paths in (("InterfacesRemoved", ("sensors/soil_2d1", "actuators/lamp")),
                                   ("InterfacesAdded", ("sensors/yard", "actuators/pump"))):
            for path in paths:
                lines.wait_for(rf"ObjectManager\.{signal_name} \(objectpath '/org/board2mqtt/{path}'")
        self.write(sensors={"climate": {**climate, "evry": "1s"}})
        refused = bus.run(PROGRAM, "reload")
        self.assertEqual(refused.returncode, 78)
        self.assertIn('did you mean "every"?', refused.stdout + refused.stderr)
        self.assertIn("yard", json.loads(bus.run(PROGRAM, "status", "--json").stdout)["sensors"])

    @unittest.skipIf(NO_ROOT, "needs root to become another user")
    def test_under_the_shipped_policy_everybody_reads_and_not_everybody_acts(self):
        self.for_all_users()
        bus = self.bus(shipped(SOURCE)).start()
        self.on_bus(bus)
        self.assertEqual(bus.run(self.program, "status", user=NOBODY).returncode, 0)
        read = bus.run("busctl", "--system", "call", NAME, "/org/board2mqtt/sensors/climate", "org.board2mqtt.Sensor1", "Read",
                       user=NOBODY)
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        for action in (["set", "fan", "ON"], ["reload"]):
            refused = bus.run(self.program, *action, user=NOBODY)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("not allowed: only root and the members of the group board2mqtt", refused.stderr)
        self.assertEqual(bus.run(self.program, "set", "fan", "ON").returncode, 0)
        owned = bus.run("busctl", "--system", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                        "RequestName", "su", NAME, "0", user=NOBODY)
        self.assertNotEqual(owned.returncode, 0)

    @unittest.skipIf(NO_ROOT, "needs root to become another user")
    def test_the_daemon_itself_refuses_too(self):
        self.for_all_users()
        bus = self.bus(OPEN).start()
        self.on_bus(bus)
        refused = bus.run(self.program, "set", "fan", "ON", user=NOBODY)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("not allowed", refused.stderr)
        self.assertEqual(json.loads(bus.run(PROGRAM, "status", "--json").stdout)["actuators"]["fan"]["output"], "OFF")

    def test_a_bus_that_comes_late_or_comes_again_brings_the_name_back(self):
        bus = self.bus()
        daemon = self.daemon(bus)
        wait_for(lambda: "dbus: not on the system bus" in daemon.log(), "a word about the missing bus")
        bus.start()
        self.wait_until_measured(bus)
        bus.stop()
        wait_for(lambda: daemon.log().count("dbus: not on the system bus") == 2, "a word about the lost bus")
        bus.start()
        self.wait_until_measured(bus)
        self.assertEqual(daemon.log().count(f"dbus: {NAME} on the system bus"), 2)
        self.assertEqual(daemon.stop(), 0)

    def test_a_daemon_that_may_not_have_the_name_says_so_once_and_works(self):
        bus = self.bus(CLOSED).start()
        daemon = self.daemon(bus)
        wait_for(lambda: "dbus: not on the system bus: " in daemon.log(), "a word about the name")
        self.assertNotIn("warning: dbus", daemon.log())
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(daemon.log().count("dbus:"), 1)

    def test_a_second_daemon_waits_for_the_name_of_the_first(self):
        bus = self.bus().start()
        first = self.on_bus(bus)
        second = self.daemon(bus, state=self.folder / "other")
        wait_for(lambda: "this one waits for its end" in second.log(), "the second daemon")
        first.stop()
        self.wait_until_measured(bus)

    def test_clients_say_what_is_missing(self):
        bus = self.bus()
        missing = bus.run(PROGRAM, "status")
        self.assertEqual(missing.returncode, 1)
        self.assertRegex(missing.stderr, "^board2mqtt: cannot reach the system bus: ")
        bus.start()
        for command in (["status"], ["status", "--watch"], ["set", "fan", "ON"], ["reload"]):
            missing = bus.run(PROGRAM, *command)
            self.assertEqual(missing.returncode, 1)
            self.assertRegex(missing.stderr, "^board2mqtt: the daemon is not running")

    def test_the_session_bus_is_another_one(self):
        bus = self.bus().start()
        bus.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.environment.pop("DBUS_SYSTEM_BUS_ADDRESS")
        config = self.folder / "session.json"
        config.write_text(json.dumps({"mqtt": {"broker": f"mqtt://127.0.0.1:{free_port()}"}, **DEVICES, "board": "walnutpi-1b"}))
        daemon = Daemon(PROGRAM, config, "--simulate", "--bus", "session", env=bus.environment)
        self.addCleanup(daemon.__exit__)
        wait_for(lambda: bus.run(PROGRAM, "status", "--bus", "session").returncode == 0, "status on the session bus")

    def test_watch_writes_a_line_for_each_change_where_nobody_looks(self):
        bus = self.bus().start()
        daemon = self.on_bus(bus)
        for flags, pattern in (([], r"Z  climate  .*temperature [\d.]+ °C"), (["--json"], r'^\{"running":true,"sensors":\{"climate"')):
            watch = Process([PROGRAM, "status", "--watch", *flags], env=bus.environment, stdout=subprocess.PIPE, text=True)
            self.addCleanup(watch.__exit__)
            lines = Lines(watch.process.stdout)
            lines.wait_for(pattern)
            if flags:
                self.assertEqual({type(json.loads(line)) for line in list(lines.lines)}, {dict})
            watch.signal(signal.SIGINT)
            self.assertEqual(watch.wait(), 0)
        daemon.stop()

    def test_watch_follows_a_daemon_that_ends_and_starts_again(self):
        bus = self.bus().start()
        daemon = self.on_bus(bus)
        watch = Process([PROGRAM, "status", "--watch"], env=bus.environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(watch.__exit__)
        lines = Lines(watch.process.stdout)
        lines.wait_for("climate")
        daemon.stop()
        lines.wait_for("the daemon is not running")
        lines.lines.clear()
        self.on_bus(bus)
        lines.wait_for("Z  climate  .*temperature")

    def test_watch_draws_a_table_with_bars_on_a_terminal_and_leaves_it_clean(self):
        bus = self.bus().start()
        self.on_bus(bus)
        near, far = pty.openpty()
        watch = Process([PROGRAM, "status", "--watch"], env={**bus.environment, "TERM": "xterm"}, stdout=far)
        self.addCleanup(watch.__exit__)
        os.close(far)
        terminal = open(near, "rb", buffering=0)
        self.addCleanup(terminal.close)
        seen = b""
        while not re.search("temperature.*°C.*[▁-█]{3}".encode(), seen):
            seen += terminal.read(65536)
        watch.signal(signal.SIGINT)
        while not seen.endswith(b"\x1b[?25h\x1b[?1049l"):
            seen += terminal.read(65536)
        self.assertEqual(watch.wait(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
