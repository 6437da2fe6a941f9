"""One example, every broker, every QoS: only the mqtt block differs. Usage: same_example_test.py PROGRAM SOURCE_DIR"""

import contextlib
import tempfile
import unittest

from scene import Scene  # first: it takes the arguments
from brokers import LOGIN, ActiveMq, Ejabberd, Epmd, RabbitMq
from harness import Mosquitto, mqtt, wait_for

BASE = "board2mqtt/walnutpi"
running = contextlib.ExitStack()
brokers = {}


def setUpModule():
    """All at once, since each takes its time."""
    unittest.addModuleCleanup(running.close)  # also when what follows fails
    folder = lambda: running.enter_context(tempfile.TemporaryDirectory())  # noqa: E731
    epmd = running.enter_context(Epmd())
    brokers["mosquitto"] = running.enter_context(Mosquitto(folder()))
    for name, start in (("rabbitmq", lambda: RabbitMq(folder(), epmd)), ("activemq", lambda: ActiveMq(folder())),
                        ("ejabberd", lambda: Ejabberd(folder()))):
        brokers[name] = running.enter_context(start())
    for name in ("ejabberd", "activemq", "rabbitmq"):
        brokers[name].wait_until_ready()


class SameExample(Scene):
    def block(self, broker, **keys):
        """The mqtt block, and nothing else, is another for each broker."""
        login = {} if broker == "mosquitto" else self.login()
        return {"broker": f"mqtt://127.0.0.1:{brokers[broker].port}", **login, **keys}

    def watch(self, broker, *filters):
        login = None if broker == "mosquitto" else LOGIN
        protocol = mqtt.MQTTv5 if broker == "ejabberd" else mqtt.MQTTv311
        return self.subscriber(brokers[broker].port, *filters, protocol=protocol, login=login)

    def goes_both_ways(self, broker, qos):
        # Before the daemon: RabbitMQ gives no retained message to a subscription with a wildcard.
        everything = self.watch(broker, "/public/walnutpi/1", f"{BASE}/#")
        daemon = self.daemon(self.example(self.block(broker, qos=qos)))
        self.assertEqual(everything.next_text(f"{BASE}/status", lambda text: text == "online"), "online", daemon.log())
        reading = everything.next_json("/public/walnutpi/1")
        self.assertTrue(-40 <= reading["temperature"] <= 85, reading)
        everything.ask(f"{BASE}/request/ping", "", f"{BASE}/response/ping")
        for word in ("ON", "OFF"):
            everything.publish("/public/01Studio/2", word)
            self.assertEqual(everything.next_text(f"{BASE}/fan", lambda text, word=word: text == word), word)
            result = everything.next_json(f"{BASE}/fan/result")
            self.assertEqual((result["status"], result["state"]), ("ok", word))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(everything.next_text(f"{BASE}/status", lambda text: text == "offline"), "offline")
        return daemon.log()

    # ---- what a gateway must therefore handle, where it takes these brokers to show it ----

    def test_02_a_refused_mqtt_5_shows_as_connack_1_or_as_a_bare_close_and_auto_steps_down_and_remembers(self):
        for broker in ("rabbitmq", "activemq"):
            with self.subTest(broker):
                log = self.daemon_that_reconnects(broker)
                self.assertIn("after MQTT 5 trying 3.1.1", log)
                self.assertEqual(log.count("after MQTT 5 trying"), 1, "it has forgotten what worked")
        log = self.daemon_that_reconnects("ejabberd", protocol="5")
        self.assertIn("with MQTT 5", log)

    def daemon_that_reconnects(self, broker, **keys):
        from proxy import Proxy
        way = self.kept(Proxy(brokers[broker].port))
        block = {**self.block(broker), "broker": f"mqtt://127.0.0.1:{way.port}", **keys}
        daemon = self.daemon(self.config(block))
        for connections in (1, 2):
            wait_for(lambda n=connections: daemon.log().count("mqtt: connected") == n, f"connection {connections}: {daemon.log()}")
            way.cut()
        return daemon.log()

    def test_03_a_refused_login_shows_as_4_or_5_and_is_said(self):
        for broker, words in (("rabbitmq", "4: bad user name or password"), ("activemq", "5: not authorized"),
                              ("ejabberd", "not authorized")):
            with self.subTest(broker):
                path = self.config({**self.block(broker, protocol="3.1.1"), **self.login(password="wrong")})
                daemon = self.daemon(path)
                wait_for(lambda d=daemon: "will keep trying" in d.log(), "the refusal")
                self.assertIn(words, daemon.log())
                self.assertIn("mqtt.password_file", daemon.log())

    def test_08_the_granted_qos_is_in_suback_and_may_be_lower_and_is_said(self):
        daemon = self.daemon(self.config(self.block("rabbitmq", qos=2),
                                         actuators={"fan": {"driver": "switch", "line": "PC8"}}))
        wait_for(lambda: "grants QoS 1 for board2mqtt/gw/fan/set, not 2" in daemon.log(), "the granted QoS")

    def test_09_rabbitmq_turns_a_dot_into_a_slash_and_check_warns(self):
        path = self.config(self.block("rabbitmq"),
                           sensors={"hello": {"driver": "text", "text": "hello", "every": "100ms", "topic": "plant.1/hello"}})
        self.assertIn("which RabbitMQ turns into a slash", self.program("check", "--config", path).stderr)
        with_slash = self.watch("rabbitmq", "plant/1/hello")
        self.daemon(path)
        self.assertEqual(with_slash.next_text("plant/1/hello"), "hello")

    def test_websockets_carry_the_same(self):
        for broker, path in (("mosquitto", "/"), ("rabbitmq", "/ws"), ("ejabberd", "/mqtt")):
            with self.subTest(broker):
                watcher = self.watch(broker, "board2mqtt/gw/hello", "board2mqtt/gw/fan")
                block = {**self.block(broker), "broker": f"ws://127.0.0.1:{brokers[broker].web_port}{path}"}
                daemon = self.daemon(self.config(block, actuators={"fan": {"driver": "switch", "line": "PC8"}}))
                self.assertEqual([int(watcher.next_text("board2mqtt/gw/hello")) for _ in range(5)], [1, 2, 3, 4, 5])
                watcher.ask("board2mqtt/gw/fan/set", "ON", "board2mqtt/gw/fan", lambda text: text == "ON")
                self.assertEqual(daemon.stop(), 0)

    def test_a_broker_without_shared_subscriptions_is_said(self):
        daemon = self.daemon(self.config(self.block("ejabberd"), actuators={
            "fan": {"driver": "switch", "line": "PC8", "command_topic": "$share/gateways/plant/fan"}}))
        wait_for(lambda: "commands on $share/gateways/plant/fan will not come" in daemon.log(), f"the warning: {daemon.log()}")

    def test_the_shortest_client_ids_are_sent_to_a_broker_of_mqtt_3_1(self):
        daemon = self.daemon(self.config(self.block("activemq", protocol="3.1", client_id="a-client-id-of-more-than-23-characters")))
        wait_for(lambda: "with MQTT 3.1" in daemon.log(), "the connection")

    def test_check_connect_finds_every_broker(self):
        for broker in brokers:
            with self.subTest(broker):
                result = self.program("check", "--connect", "--config", self.config(self.block(broker), sensors={}))
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertIn("connected with MQTT", result.stdout)


def add_cases():
    for broker in ("mosquitto", "rabbitmq", "activemq", "ejabberd"):
        for qos in (0, 1, 2):
            def case(self, broker=broker, qos=qos):
                self.goes_both_ways(broker, qos)
            setattr(SameExample, f"test_the_example_works_unchanged_on_{broker}_with_qos_{qos}", case)


add_cases()

if __name__ == "__main__":
    unittest.main(verbosity=2)
