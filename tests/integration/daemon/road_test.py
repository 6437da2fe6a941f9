"""The whole road: from a simulated register to a subscriber, from a command to a line. Usage: road_test.py PROGRAM SOURCE_DIR"""

import contextlib
import datetime
import json
import signal
import socket
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness import DEADLINE, Daemon, Forwarder, Mosquitto, Process, Subscriber, free_port, mqtt, wait_for

PROGRAM = sys.argv.pop(1)
SOURCE = Path(sys.argv.pop(1))


def age(text):
    """How old a time such as 2026-11-21T03:04:05.678Z is, in seconds."""
    then = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return (datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()


class Road(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def started(self, process):
        self.addCleanup(process.__exit__)
        return process

    def subscriber(self, port, *filters, protocol=mqtt.MQTTv311):
        subscriber = Subscriber(port, filters, protocol)
        self.addCleanup(subscriber.__exit__)
        return subscriber

    def config(self, port, **parts):
        """A configuration of the test's own: the broker on `port`, quick to come back, and `parts`."""
        config = {"name": "gw", "board": "walnutpi-1b",
                  "mqtt": {"broker": f"mqtt://127.0.0.1:{port}", "reconnect": {"min": "100ms", "max": "500ms"}},
                  **parts}
        path = self.folder / "board2mqtt.json"
        path.write_text(json.dumps(config))
        return path

    def example(self, port):
        """The shipped example with the test's broker laid over it, as a user would in conf.d."""
        path = self.folder / "board2mqtt.json"
        path.write_text((SOURCE / "configs/examples/walnutpi.json").read_text())
        (self.folder / "conf.d").mkdir()
        (self.folder / "conf.d/broker.json").write_text(
            json.dumps({"name": "walnutpi", "mqtt": {"broker": f"mqtt://127.0.0.1:{port}"}}))
        return path

    def test_every_client_sees_valid_json_with_the_time_of_measurement(self):
        broker = self.started(Mosquitto(self.folder))
        old = self.subscriber(broker.port, "/public/walnutpi/1", protocol=mqtt.MQTTv311)
        new = self.subscriber(broker.port, "/public/walnutpi/1", protocol=mqtt.MQTTv5)
        self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        for subscriber in (old, new):
            reading = subscriber.next_json("/public/walnutpi/1")
            self.assertLess(abs(age(reading["time"])), DEADLINE)
            self.assertTrue(-40 <= reading["temperature"] <= 85, reading)
            self.assertTrue(0 <= reading["humidity"] <= 100, reading)
            self.assertTrue(300 <= reading["pressure"] <= 1100, reading)

    def test_on_and_off_reach_the_line_and_are_answered(self):
        broker = self.started(Mosquitto(self.folder))
        everything = self.subscriber(broker.port, "board2mqtt/walnutpi/#")
        self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        self.assertEqual(everything.next_text("board2mqtt/walnutpi/fan"), "OFF")
        everything.ask("board2mqtt/walnutpi/request/ping", "", "board2mqtt/walnutpi/response/ping")
        for word in ("ON", "OFF"):
            everything.publish("/public/01Studio/2", word)
            self.assertEqual(everything.next_text("board2mqtt/walnutpi/fan"), word)
            result = everything.next_json("board2mqtt/walnutpi/fan/result")
            self.assertEqual((result["status"], result["state"]), ("ok", word))

    def test_a_senseless_command_is_refused_with_its_reason(self):
        broker = self.started(Mosquitto(self.folder))
        everything = self.subscriber(broker.port, "board2mqtt/walnutpi/#")
        self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        everything.ask("board2mqtt/walnutpi/request/ping", "", "board2mqtt/walnutpi/response/ping")
        for payload, error in ((b"MAYBE", "unknown_state"), (b"\xff\xfe", "invalid_utf8"), (b"{", "invalid_json"), (b"0.5", "unsupported")):
            everything.publish("/public/01Studio/2", payload)
            result = everything.next_json("board2mqtt/walnutpi/fan/result")
            self.assertEqual((result["status"], result["error"]), ("refused", error))

    def test_a_retained_command_is_not_carried_out(self):
        broker = self.started(Mosquitto(self.folder))
        everything = self.subscriber(broker.port, "board2mqtt/walnutpi/#")
        everything.publish("/public/01Studio/2", "ON", retain=True)
        self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        self.assertEqual(everything.next_json("board2mqtt/walnutpi/fan/result")["error"], "retained")

    def guarded(self, port, **more):
        return self.config(port, actuators={
            "up": {"driver": "switch", "line": "PC8", "interlock": "down", "command_topic": "yard/up", "result_topic": "yard/up",
                   "ack": {"ok": "1", "refused": "0"}},
            "down": {"driver": "switch", "line": "PC9", "on_broker_lost": {"after": "300ms", "state": "off"}}}, **more)

    def test_an_answer_on_the_commands_own_topic_is_never_taken_for_a_command(self):
        broker = self.started(Mosquitto(self.folder))
        for version in ("3.1.1", "5"):
            config = self.guarded(broker.port)
            written = json.loads(config.read_text())
            written["mqtt"]["protocol"] = version
            config.write_text(json.dumps(written))
            with Daemon(PROGRAM, config, "--simulate"):
                everything = self.subscriber(broker.port, "board2mqtt/gw/#", "yard/#")
                everything.ask("board2mqtt/gw/request/ping", "", "board2mqtt/gw/response/ping")
                for word in ("ON", "OFF", "perhaps"):
                    everything.publish("yard/up", word)
                    answer = "0" if word == "perhaps" else "1"
                    self.assertEqual(everything.next_text("yard/up", lambda text: text in "01"), answer, version)
                # Were "1" or "0" a command, there would be a state and another answer to it before this one's.
                before = len([m for m in everything.seen if m.topic == "board2mqtt/gw/up"])
                everything.ask("board2mqtt/gw/request/ping", "", "board2mqtt/gw/response/ping")
                answers = [m for m in everything.seen if m.topic == "yard/up" and m.payload in (b"0", b"1")]
                states = [m for m in everything.seen if m.topic == "board2mqtt/gw/up"]
                self.assertEqual((answers, len(states)), ([], before), version)

    def test_an_mqtt_5_request_is_answered_where_it_says(self):
        broker = self.started(Mosquitto(self.folder))
        self.started(Daemon(PROGRAM, self.guarded(broker.port), "--simulate"))
        asker = self.subscriber(broker.port, "board2mqtt/gw/#", "my/answers", protocol=mqtt.MQTTv5)
        asker.ask("board2mqtt/gw/request/ping", "", "board2mqtt/gw/response/ping")
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = "my/answers"
        properties.CorrelationData = b"\x00\x01"
        asker.client.publish("board2mqtt/gw/down/set", "ON", qos=1, properties=properties)
        answer = asker.next("my/answers")
        self.assertEqual(json.loads(answer.payload)["state"], "ON")
        self.assertEqual(answer.properties.CorrelationData, b"\x00\x01")
        asker.client.publish("yard/up", "ON", qos=1, properties=properties)
        self.assertEqual(asker.next_text("my/answers"), "0", "down is on: refused, in the configured words")

    def test_a_lost_broker_switches_off_what_is_to_go_off_and_rules_go_on(self):
        broker = self.started(Mosquitto(self.folder))
        config = self.guarded(broker.port, sensors={"board": {"driver": "system", "every": "200ms"}},
                              rules=[{"when": "board.uptime", "above": 0, "then": {"up": "ON"}}])
        daemon = self.started(Daemon(PROGRAM, config, "--simulate"))
        wait_for(lambda: "commanded by rule 1: board.uptime" in daemon.log(), "the rule")
        everything = self.subscriber(broker.port, "board2mqtt/gw/#")
        everything.next("board2mqtt/gw/up", lambda text: text == "ON")
        broker.signal(signal.SIGKILL)
        broker.wait()
        wait_for(lambda: "down: OFF by on_broker_lost" in daemon.log(), "the output to go off")

    def test_presence_health_and_info_are_retained(self):
        broker = self.started(Mosquitto(self.folder))
        self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        first = self.subscriber(broker.port, "board2mqtt/walnutpi/#")
        first.next("board2mqtt/walnutpi/status", lambda text: text == "online")
        first.next("board2mqtt/walnutpi/climate/availability", lambda text: text == "online")
        late = self.subscriber(broker.port, "board2mqtt/walnutpi/#")
        for topic in ("status", "climate/availability", "health", "info", "fan"):
            self.assertTrue(late.next(f"board2mqtt/walnutpi/{topic}").retain, topic)

    def test_a_clean_stop_says_offline(self):
        broker = self.started(Mosquitto(self.folder))
        status = self.subscriber(broker.port, "board2mqtt/walnutpi/status")
        daemon = self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        status.next("board2mqtt/walnutpi/status", lambda text: text == "online")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(status.next_text("board2mqtt/walnutpi/status"), "offline")

    def test_a_killed_daemon_is_told_by_its_will(self):
        broker = self.started(Mosquitto(self.folder))
        status = self.subscriber(broker.port, "board2mqtt/walnutpi/status")
        daemon = self.started(Daemon(PROGRAM, self.example(broker.port), "--simulate"))
        status.next("board2mqtt/walnutpi/status", lambda text: text == "online")
        daemon.signal(signal.SIGKILL)
        self.assertEqual(status.next_text("board2mqtt/walnutpi/status"), "offline")

    def test_a_broker_that_comes_late_gets_the_readings_taken_before(self):
        broker = self.started(Mosquitto(self.folder))
        hello = self.subscriber(broker.port, "board2mqtt/gw/hello")
        way = Forwarder(free_port(), broker.port)
        self.addCleanup(way.close)
        config = self.config(way.port, sensors={"hello": {"driver": "text", "text": "{sequence}", "every": "100ms"}})
        daemon = self.started(Daemon(PROGRAM, config, "--simulate"))
        wait_for(lambda: "keep trying" in daemon.log(), "the first attempt to fail")
        way.start()
        numbers = [int(hello.next_text("board2mqtt/gw/hello")) for _ in range(10)]
        self.assertEqual(numbers, list(range(1, 11)))

    def test_after_a_restart_of_the_broker_everything_is_there_again(self):
        broker = self.started(Mosquitto(self.folder))
        config = self.config(broker.port, sensors={"hello": {"driver": "text", "text": "hello", "every": "200ms"}},
                             actuators={"fan": {"driver": "switch", "line": "PC8"}})
        self.started(Daemon(PROGRAM, config, "--simulate"))
        self.subscriber(broker.port, "board2mqtt/gw/status").next("board2mqtt/gw/status", lambda text: text == "online")
        broker.signal(signal.SIGKILL)
        broker.wait()
        again = self.started(Mosquitto(self.folder, broker.port))
        everything = self.subscriber(again.port, "board2mqtt/gw/#")
        everything.next("board2mqtt/gw/status", lambda text: text == "online")
        everything.next("board2mqtt/gw/hello")
        everything.ask("board2mqtt/gw/fan/set", "ON", "board2mqtt/gw/fan", lambda text: text == "ON")

    def test_a_broker_that_accepts_and_never_answers_does_not_hold_up_the_stop(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            config = self.config(silent.getsockname()[1], sensors={"hello": {"driver": "text", "text": "hello", "every": "200ms"}})
            daemon = self.started(Daemon(PROGRAM, config, "--simulate"))
            connection, _ = silent.accept()
            with connection:
                self.assertEqual(daemon.stop(), 0)

    def test_one_missing_chip_does_not_stop_the_others(self):
        broker = self.started(Mosquitto(self.folder))
        everything = self.subscriber(broker.port, "board2mqtt/gw/#")
        # Not simulated: this machine has no such bus.
        config = self.config(broker.port, sensors={
            "climate": {"driver": "bme280", "bus": "i2c-99", "every": "1s"},
            "board": {"driver": "system", "every": "200ms"}})
        daemon = self.started(Daemon(PROGRAM, config))
        for _ in range(3):
            self.assertIn("uptime", everything.next_json("board2mqtt/gw/board"))
        self.assertEqual(everything.next_text("board2mqtt/gw/climate/availability"), "offline")
        self.assertEqual(daemon.log().count("cannot be read"), 1)

    def test_requests_are_answered_with_their_transaction(self):
        broker = self.started(Mosquitto(self.folder))
        everything = self.subscriber(broker.port, "board2mqtt/gw/#")
        self.started(Daemon(PROGRAM, self.config(broker.port), "--simulate"))
        everything.next("board2mqtt/gw/status", lambda text: text == "online")
        # The daemon subscribes after its birth: a request is repeated until it is heard.
        answer = everything.ask("board2mqtt/gw/request/ping", '{"transaction": 7}', "board2mqtt/gw/response/ping")
        self.assertEqual(json.loads(answer), {"status": "ok", "data": "pong", "transaction": 7})
        everything.publish("board2mqtt/gw/request/dance", "")
        self.assertEqual(everything.next_json("board2mqtt/gw/response/dance")["status"], "error")

    def test_a_subscriber_stores_readings_of_every_format(self):
        broker = self.started(Mosquitto(self.folder))
        database = self.folder / "readings.db"
        self.started(Process([sys.executable, SOURCE / "configs/examples/store_readings.py", "--port", str(broker.port),
                              database, "readings/#"]))

        def ask(question):
            with contextlib.closing(sqlite3.connect(database)) as reader:
                return reader.execute(question).fetchall()

        def stored():
            rows = ask("SELECT time, topic, name, value, unit FROM readings")
            return {name or topic: (age(moment), value, unit) for moment, topic, name, value, unit in rows}

        wait_for(lambda: ask("SELECT * FROM sqlite_schema WHERE name = 'readings'"), "the subscriber's table")
        watcher = self.subscriber(broker.port, "readings/#", protocol=mqtt.MQTTv5)
        climate = {"driver": "bme280", "bus": "i2c-1", "every": "300ms"}
        self.started(Daemon(PROGRAM, self.config(
            broker.port, defaults={"topic": "readings/{sensor}", "payload": "senml"},
            sensors={"climate": {**climate, "address": "0x76", "derive": ["dew_point"]},
                     "line": {**climate, "address": "0x77", "payload": "influx"},
                     "json": {"driver": "system", "every": "300ms", "payload": "json"},
                     "one": {"driver": "system", "every": "300ms", "topic": "readings/one/{channel}", "payload": "value"}}),
            "--simulate"))
        content_type = watcher.next("readings/climate").properties.ContentType
        self.assertEqual(content_type, "application/senml+json")

        expected = {"gw/climate/temperature": "Cel", "gw/climate/humidity": "%RH", "gw/climate/pressure": "Pa",
                    "gw/climate/dew_point": "Cel", "line/pressure": "", "uptime": "", "readings/one/uptime": ""}
        wait_for(lambda: expected.keys() <= stored().keys(), "every reading in the database")
        rows = stored()
        self.assertEqual({name: rows[name][2] for name in expected}, expected)
        self.assertTrue(all(abs(rows[name][0]) < DEADLINE for name in expected), rows)
        self.assertTrue(30000 <= rows["gw/climate/pressure"][1] <= 110000, rows)
        self.assertTrue(300 <= rows["line/pressure"][1] <= 1100, rows)

    def test_a_wrong_configuration_ends_with_78(self):
        path = self.folder / "board2mqtt.json"
        path.write_text('{"sensors": {"climate": {"driver": "bme280", "bus": "i2c-1", "intervall": "1s"}}}')
        daemon = self.started(Daemon(PROGRAM, path))
        self.assertEqual(daemon.wait(), 78)
        self.assertIn("/sensors/climate/intervall", daemon.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
