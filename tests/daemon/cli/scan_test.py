"""`scan`, `boards` and `pins` of the built program on the simulated board: scan_test.py PROGRAM"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1)


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if done.returncode != code:
        raise AssertionError(f"{arguments} ended with {done.returncode}, not {code}:\n{done.stdout}{done.stderr}")
    return done


class InADirectory(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.config = Path(self.directory.name) / "board2mqtt.json"

    def write(self, text):
        self.config.write_text(text)
        return self.config

    def fragments(self):
        return sorted(path.name for path in (self.config.parent / "conf.d").glob("*"))


class Scan(InADirectory):
    def test_what_is_printed_is_a_configuration_that_check_takes_and_that_runs(self):
        printed = run("scan", "--simulate", "--config", self.config).stdout
        self.write(printed)
        run("check", "--config", self.config)
        readings = json.loads(run("read", "--simulate", "--json", "--config", self.config).stdout)
        self.assertLess({"bme280_76", "sht3x_44", "w1_28-00000a013d97"}, set(readings))
        for sensor, reading in readings.items():
            self.assertNotIn("error", reading, sensor)
            self.assertNotIn("errors", reading, sensor)

    def test_a_part_without_identity_is_a_comment(self):
        printed = run("scan", "--simulate", "--config", self.config).stdout
        self.assertIn("// i2c-1 0x23: possibly bh1750", printed)
        self.assertNotIn("bh1750", json.dumps(json.loads(run("scan", "--simulate", "--json", "--config", self.config).stdout)["sensors"]))

    def test_written_entries_are_added_once_and_leave_every_other_file_as_it_is(self):
        mine = '{ "sensors": { "climate": { "driver": "bme280", "bus": "i2c-1", "address": "0x76" } } }\n'
        self.write(mine)
        (self.config.parent / "conf.d").mkdir()
        other = self.config.parent / "conf.d" / "scan.json"
        other.write_text("{ /* the user's */ }\n")
        run("scan", "--simulate", "--write", "--config", self.config)
        self.assertEqual(self.fragments(), ["scan-2.json", "scan.json"])
        self.assertEqual(self.config.read_text(), mine)
        self.assertEqual(other.read_text(), "{ /* the user's */ }\n")
        written = (self.config.parent / "conf.d" / "scan-2.json").read_text()
        self.assertNotIn("bme280", written)
        run("check", "--config", self.config)
        again = run("scan", "--simulate", "--write", "--config", self.config)
        self.assertIn("nothing new", again.stderr)
        self.assertEqual(self.fragments(), ["scan-2.json", "scan.json"])
        self.assertIn('configured as "climate"', again.stdout)

    def test_nothing_is_written_beside_a_configuration_that_is_missing_or_wrong(self):
        self.assertIn("no valid configuration", run("scan", "--simulate", "--write", "--config", self.config, code=78).stderr)
        self.write('{ "sensor": {} }')
        self.assertIn("unknown key", run("scan", "--simulate", "--write", "--config", self.config, code=78).stderr)
        self.assertEqual(self.fragments(), [])

    def test_a_wrong_configuration_does_not_keep_from_scanning(self):
        self.write('{ "sensor": {} }')
        done = run("scan", "--simulate", "--config", self.config)
        self.assertIn("unknown key", done.stderr)
        self.assertIn('"bme280_76"', done.stdout)

    def test_a_bus_can_be_named_and_the_board_s_own_are_refused(self):
        named = run("scan", "--simulate", "--bus", "/dev/i2c-1", "--config", self.config).stdout
        self.assertIn('"bme280_76"', named)
        self.assertNotIn("w1_therm", named)
        self.assertIn("not an I2C bus", run("scan", "--simulate", "--bus", "spidev0.0", "--config", self.config, code=2).stderr)
        missing = run("scan", "--simulate", "--bus", "i2c-9", "--config", self.config, code=1).stdout
        self.assertIn("set-device enable i2c9", missing)

    def test_json_has_what_the_text_has(self):
        document = json.loads(run("scan", "--simulate", "--json", "--config", self.config).stdout)
        self.assertEqual(document["board"], "walnutpi-1b")
        self.assertEqual([bus["name"] for bus in document["buses"]], ["i2c-1", "i2c-2"])
        self.assertEqual(document["sensors"]["bme280_76"], {"driver": "bme280", "bus": "i2c-1", "address": "0x76"})
        possible = [found for found in document["found"] if found["standing"] == "possible"]
        self.assertEqual([found["place"] for found in possible], ["i2c-1 0x23"])

    def test_progress_is_for_terminals(self):
        self.assertEqual(run("scan", "--simulate", "--config", self.config).stderr, "")


class Boards(unittest.TestCase):
    def test_every_board_is_listed_and_one_is_this(self):
        document = json.loads(run("boards", "--json").stdout)
        self.assertEqual(sum(board["this"] for board in document["boards"]), 1)
        names = {board["name"] for board in document["boards"]}
        self.assertLess({"generic", "walnutpi-1b", "walnutpi-1b-emmc", "walnutpi-2b", "walnutpi-zerow", "raspberry-pi-5"}, names)
        text = run("boards").stdout
        for name in names:
            self.assertIn(name, text)


class Pins(unittest.TestCase):
    def test_every_board_has_a_picture(self):
        for board in json.loads(run("boards", "--json").stdout)["boards"]:
            shown = run("pins", "--board", board["name"]).stdout
            self.assertIn(board["title"], shown)
            self.assertNotIn("\x1b", shown)

    def test_json_names_the_line_and_who_holds_it(self):
        pins = {pin["pin"]: pin for pin in json.loads(run("pins", "--simulate", "--json").stdout)["pins"]}
        self.assertEqual((pins["7"]["pad"], pins["7"]["chip"], pins["7"]["line"], pins["7"]["use"]),
                         ("PC8", "300b000.pinctrl", 72, "free"))
        self.assertEqual((pins["LED"]["use"], pins["LED"]["holder"]), ("held", "green:status"))
        self.assertNotIn("line", pins["1"])

    def test_a_board_that_is_not_known_is_a_wrong_command_line(self):
        self.assertIn("walnutpi-1b", run("pins", "--board", "walnutpi-1", code=2).stderr)


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    unittest.main()
