"""What a gateway must handle, since some broker does it. Usage: handle_test.py PROGRAM SOURCE_DIR"""

import json
import os
import signal
import subprocess
import time
import unittest
import unittest.mock

from scene import Scene  # first: it takes the arguments
from harness import Mosquitto, free_port, mqtt, wait_for
from proxy import Proxy
from scripted import CONNECT, DISCONNECT, PUBLISH, SUBSCRIBE, Scripted, packet

FAN = {"fan": {"driver": "switch", "line": "PC8"}}


def url(broker):
    return f"mqtt://127.0.0.1:{broker.port}"


class WhatAGatewayMustHandle(Scene):
    def mosquitto(self, port=None, extra=None):
        return self.kept(Mosquitto(self.folder, port, extra))

    def test_01_a_broker_that_accepts_tcp_and_never_answers_connect_is_given_up_at_a_deadline(self):
        broker = self.mosquitto()
        way = self.kept(Proxy(broker.port))
        way.hang()
        daemon = self.daemon(self.config({"broker": [url(way), url(broker)]}))
        wait_for(lambda: f"connected to {url(broker)}" in daemon.log(), "the next broker")
        self.assertIn("no answer within 10 s; trying the next broker", daemon.log())

    def test_02_a_refused_mqtt_5_shows_as_connack_1_or_as_a_bare_close(self):
        newest = {5: 4, 4: 3}
        for name, refusal in (("connack 1", bytes([0, 1])), ("bare close", None)):
            for lowest in (4, 3):
                with self.subTest(name, lowest=lowest):
                    broker = self.kept(Scripted(lambda level, n=lowest, r=refusal: r if level > n else bytes([0, 0])))
                    daemon = self.daemon(self.config({"broker": url(broker)}))
                    wait_for(lambda: broker.levels and broker.levels[-1] == lowest and "connected" in daemon.log(), "a version that works")
                    steps = [5]
                    while steps[-1] > lowest:
                        steps.append(newest[steps[-1]])
                    self.assertEqual(broker.levels, steps)
                    daemon.stop()

    def test_03_refused_logins_show_as_4_or_5_or_135_or_a_bare_close_and_are_said(self):
        for answer, words in ((bytes([0, 4]), "4: bad user name or password"), (bytes([0, 5]), "5: not authorized"),
                              (bytes([0, 135, 0]), "135: not authorized"), (bytes([0, 134, 0]), "134: bad user name or password"),
                              (None, "closed without an answer to CONNECT (a refused login")):
            with self.subTest(words):
                broker = self.kept(Scripted(lambda level, a=answer: a))
                protocol = "5" if answer and answer[1] > 5 else "3.1.1"
                daemon = self.daemon(self.config({"broker": url(broker), "protocol": protocol}))
                wait_for(lambda: broker.connections >= 2 and words in daemon.log(), f"{words}: {daemon.log()}")
                self.assertIn("will keep trying", daemon.log())
                daemon.stop()

    def test_04_subscriptions_are_made_after_every_connect_whatever_session_present_says(self):
        broker = self.kept(Scripted(lambda level: bytes([1, 0]) + (b"\0" if level == 5 else b"")))
        way = self.kept(Proxy(broker.port))
        daemon = self.daemon(self.config({"broker": url(way), "clean_session": False, "client_id": "gw"}, actuators=FAN))
        for times in (1, 2):
            wait_for(lambda n=times: broker.subscribed.count("board2mqtt/gw/fan/set") == n, "the subscription")
            wait_for(lambda n=times: daemon.log().count("mqtt: connected") == n, "the connection")
            way.cut()

    def test_04_a_command_that_comes_before_suback_is_carried_out(self):
        def command_first(connection, kind, body):
            if kind == SUBSCRIBE and b"fan/set" in body and b"_ms" not in body:
                topic = b"board2mqtt/gw/fan/set"
                connection.sendall(packet(PUBLISH, len(topic).to_bytes(2, "big") + topic + b"ON"))
            return False

        broker = self.kept(Scripted(on_packet=command_first))
        self.daemon(self.config({"broker": url(broker), "protocol": "3.1.1"}, actuators=FAN))
        wait_for(lambda: ("board2mqtt/gw/fan", b"ON") in broker.published, "the state")

    def test_05_a_stale_offline_on_the_own_status_topic_is_corrected(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/status")
        daemon = self.daemon(self.config({"broker": url(broker)}))
        watcher.next("board2mqtt/gw/status", lambda text: text == "online")
        wait_for(lambda: "connected" in daemon.log(), "the connection")
        for _ in range(2):
            watcher.publish("board2mqtt/gw/status", "offline", retain=True)
            watcher.next("board2mqtt/gw/status", lambda text: text == "offline")
            watcher.next("board2mqtt/gw/status", lambda text: text == "online")
        self.assertTrue(self.subscriber(broker.port, "board2mqtt/gw/status").next("board2mqtt/gw/status").retain)

    def test_06_states_and_birth_are_published_again_to_a_broker_that_has_forgotten_them(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/#")
        self.daemon(self.config({"broker": url(broker)}, actuators=FAN))
        watcher.next("board2mqtt/gw/fan")
        broker.signal(signal.SIGKILL)
        broker.wait()
        again = self.mosquitto(broker.port)
        late = self.subscriber(again.port, "board2mqtt/gw/#")
        for topic, text in (("status", "online"), ("fan", "OFF"), ("fan/availability", "online"), ("hello/availability", "online")):
            late.next(f"board2mqtt/gw/{topic}", lambda got, text=text: got == text)
        late.next("board2mqtt/gw/info")

    def test_07_a_command_that_arrives_twice_is_carried_out_once_when_it_carries_an_id(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/#")
        self.daemon(self.config({"broker": url(broker)}, actuators=FAN))
        watcher.ask("board2mqtt/gw/request/ping", "", "board2mqtt/gw/response/ping")
        for _ in range(2):
            watcher.publish("board2mqtt/gw/fan/set", json.dumps({"state": "TOGGLE", "id": "a"}))
            result = watcher.next_json("board2mqtt/gw/fan/result")
            self.assertEqual((result["id"], result["status"], result["state"]), ("a", "ok", "ON"))

    def test_08_a_publication_that_the_broker_refuses_is_counted_and_said(self):
        acl = self.folder / "acl"
        acl.write_text("topic read #\ntopic write board2mqtt/gw/status\ntopic write board2mqtt/gw/health\n")
        broker = self.mosquitto(extra=f"user root\nacl_file {acl}\n")
        watcher = self.subscriber(broker.port, "board2mqtt/gw/health", protocol=mqtt.MQTTv5)
        daemon = self.daemon(self.config({"broker": url(broker), "protocol": "5"}))
        wait_for(lambda: "135: not authorized" in daemon.log(), "the refusal in words")
        self.assertIn("refuses a message on board2mqtt/gw/", daemon.log())
        watcher.next("board2mqtt/gw/health")
        daemon.stop()

    def test_09_a_topic_with_a_dot_is_warned_of(self):
        path = self.config({"broker": "mqtt://localhost"}, sensors={"hello": {"driver": "text", "text": "a", "topic": "a.b"}})
        result = self.program("check", "--config", path)
        self.assertEqual(result.returncode, 0)
        self.assertIn('"a.b" has a dot, which RabbitMQ turns into a slash', result.stderr)

    def test_10_everything_is_never_subscribed(self):
        path = self.config({"broker": "mqtt://localhost"}, actuators={"fan": {**FAN["fan"], "command_topic": "#"}})
        self.assertEqual(self.program("check", "--config", path).returncode, 78)
        broker = self.kept(Scripted())
        self.daemon(self.config({"broker": url(broker)}, actuators=FAN))
        wait_for(lambda: "board2mqtt/gw/fan/set" in broker.subscribed, "the subscriptions")
        self.assertNotIn("#", broker.subscribed)

    # ---- the road ----

    def numbers(self, watcher, count):
        return [int(watcher.next_text("board2mqtt/gw/hello")) for _ in range(count)]

    def after(self, disturb):
        """What arrives, in order, when the road is disturbed and heals again."""
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/hello")
        way = self.kept(Proxy(broker.port))
        daemon = self.daemon(self.config({"broker": url(way), "keepalive": "1s"}))
        seen = self.numbers(watcher, 5)
        disturb(way, daemon)
        while seen[-1] < 30:
            seen += self.numbers(watcher, 1)
        self.assertEqual(list(dict.fromkeys(seen)), list(range(1, seen[-1] + 1)), "each number, in order; twice is allowed")
        return daemon

    def test_a_cut_connection_loses_nothing(self):
        self.after(lambda way, daemon: way.cut())

    def test_a_refused_connection_loses_nothing(self):
        def refuse(way, daemon):
            way.refuse()
            wait_for(lambda: "lost" in daemon.log(), "the loss")
            time.sleep(1)
            way.accept_again()
        self.after(refuse)

    def test_a_delayed_connection_loses_nothing(self):
        self.after(lambda way, daemon: way.delay(0.05))

    def test_a_stalled_connection_is_noticed_by_its_keepalive_and_loses_nothing(self):
        def stall(way, daemon):
            way.stall()
            wait_for(lambda: "lost" in daemon.log(), "the loss")
            way.stall(False)
        self.after(stall)

    def test_a_half_open_connection_is_noticed_by_its_keepalive_and_loses_nothing(self):
        def half_open(way, daemon):
            way.half_open()
            wait_for(lambda: "lost" in daemon.log(), "the loss")
            way.stall(False)
        self.after(half_open)

    # ---- what a broker says of itself ----

    def test_the_keep_alive_of_the_broker_is_kept(self):
        asked = []

        def note(connection, kind, body):
            if kind == CONNECT:
                asked.append(int.from_bytes(body[8:10], "big"))
            return False

        broker = self.kept(Scripted(lambda level: bytes([0, 0, 3, 0x13, 0, 7]), note))  # server keep alive: 7 s
        daemon = self.daemon(self.config({"broker": url(broker), "protocol": "5", "keepalive": "10min"}))
        wait_for(lambda: "mqtt: connected" in daemon.log(), "the connection")
        self.assertEqual(asked, [600, 7])

    def test_a_message_for_which_the_broker_closes_the_connection_is_given_up_and_the_others_arrive(self):
        def close_on_large(connection, kind, body):
            if kind == PUBLISH and b"gw/large" in body and b"availability" not in body and b"x" * 100 in body:
                connection.close()
                raise OSError("closed")
            return False

        broker = self.kept(Scripted(on_packet=close_on_large))
        daemon = self.daemon(self.config({"broker": url(broker), "protocol": "3.1.1"}, sensors={
            "hello": {"driver": "text", "text": "{sequence}", "every": "1s"},
            "large": {"driver": "text", "text": "x" * 200, "every": "1h"}}))
        wait_for(lambda: "it is not sent any more" in daemon.log(), "the culprit")
        self.assertIn("a message on board2mqtt/gw/large", daemon.log())
        connections = broker.connections
        wait_for(lambda: len([p for t, p in broker.published if t == "board2mqtt/gw/hello"]) >= 8, "the readings after it")
        self.assertLessEqual(broker.connections, connections + 1)

    def test_another_client_with_the_same_id_is_said(self):
        def take_over(connection, kind, body):
            if kind == PUBLISH:
                connection.sendall(packet(DISCONNECT, bytes([142, 0])))
            return kind == PUBLISH

        broker = self.kept(Scripted(on_packet=take_over))
        daemon = self.daemon(self.config({"broker": url(broker), "client_id": "twin", "protocol": "5"}))
        wait_for(lambda: "142: session taken over (another client has the same client id" in daemon.log(), "the takeover in words")

    def test_another_client_with_the_same_id_is_said_where_the_broker_does_not_tell(self):
        broker = self.mosquitto()
        daemon = self.daemon(self.config({"broker": url(broker), "client_id": "twin", "protocol": "3.1.1"}))
        for takeovers in (1, 2, 3):
            wait_for(lambda n=takeovers: daemon.log().count("mqtt: connected") == n, "the connection")
            twin = mqtt.Client(client_id="twin", protocol=mqtt.MQTTv311)
            twin.connect("127.0.0.1", broker.port)
            twin.loop_start()
            wait_for(lambda n=takeovers: daemon.log().count("lost:") == n, "the loss")
            twin.disconnect()
            twin.loop_stop()
        wait_for(lambda: 'another client may have the same client id "twin"' in daemon.log(), "the advice")

    def test_a_shared_subscription_brings_each_command_to_one_of_its_group(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/#")
        for name in ("one", "two"):
            folder = self.folder / name
            folder.mkdir()
            actuators = {"fan": {**FAN["fan"], "command_topic": "$share/gateways/plant/fan"}}
            path = self.config({"broker": url(broker)}, actuators=actuators, name=name)
            self.daemon(path.rename(folder / path.name))
            watcher.ask(f"board2mqtt/{name}/request/ping", "", f"board2mqtt/{name}/response/ping")
        ids = [str(number) for number in range(20)]
        for number in ids:
            watcher.publish("plant/fan", json.dumps({"state": "TOGGLE", "id": number}))
        for name in ("one", "two"):  # answered in order: nothing comes after
            watcher.publish(f"board2mqtt/{name}/request/ping", '{"transaction": "last"}')
            watcher.next(f"board2mqtt/{name}/response/ping", lambda text: "last" in text)
        took = {name: [json.loads(m.payload)["id"] for m in watcher.seen if m.topic == f"board2mqtt/{name}/fan/result"]
                for name in ("one", "two")}
        self.assertEqual(sorted(took["one"] + took["two"], key=int), ids)
        self.assertTrue(took["one"] and took["two"], took)

    # ---- sessions and wills of MQTT 5 ----

    def remembered(self, broker, **keys):
        """The block of a gateway whose session the broker keeps."""
        return {"broker": url(broker), "protocol": "5", "clean_session": False, "client_id": "gw", **keys}

    def kill(self, daemon):
        daemon.signal(signal.SIGKILL)
        daemon.wait()

    def test_a_will_with_a_delay_is_not_sent_when_the_gateway_is_back_before(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/status")
        path = self.config(self.remembered(broker, session_expiry="1h", will={"delay": "1h"}))
        for _ in range(2):
            daemon = self.daemon(path)
            self.assertEqual(watcher.next_text("board2mqtt/gw/status"), "online")  # the next one, whatever it says
            wait_for(lambda d=daemon: "mqtt: connected" in d.log(), "the connection")
            self.kill(daemon)

    def test_a_will_with_a_delay_is_sent_when_the_gateway_stays_away(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/status")
        daemon = self.daemon(self.config(self.remembered(broker, session_expiry="1h", will={"delay": "1s"})))
        self.assertEqual(watcher.next_text("board2mqtt/gw/status"), "online")
        self.kill(daemon)
        self.assertEqual(watcher.next_text("board2mqtt/gw/status"), "offline")

    def test_a_command_that_comes_while_the_gateway_is_away_waits_for_it_in_the_brokers_session(self):
        broker = self.mosquitto()
        watcher = self.subscriber(broker.port, "board2mqtt/gw/#")
        path = self.config(self.remembered(broker, session_expiry="1h"), actuators=FAN)
        daemon = self.daemon(path)
        watcher.ask("board2mqtt/gw/request/ping", "", "board2mqtt/gw/response/ping")
        self.kill(daemon)
        watcher.publish("board2mqtt/gw/fan/set", "ON")
        self.daemon(path)
        watcher.next("board2mqtt/gw/fan", lambda text: text == "ON")

    def test_a_command_does_not_wait_longer_than_the_session(self):
        broker = self.mosquitto(extra="sys_interval 1\n")
        watcher = self.subscriber(broker.port, "board2mqtt/gw/#", "$SYS/broker/clients/expired")
        path = self.config(self.remembered(broker, session_expiry="1s"), actuators=FAN)
        daemon = self.daemon(path)
        watcher.ask("board2mqtt/gw/request/ping", "", "board2mqtt/gw/response/ping")
        self.kill(daemon)
        watcher.next("$SYS/broker/clients/expired", lambda text: text == "1")
        watcher.publish("board2mqtt/gw/fan/set", "ON")
        self.daemon(path)
        watcher.ask("board2mqtt/gw/request/ping", '{"transaction": 2}', "board2mqtt/gw/response/ping", lambda text: "2" in text)
        self.assertNotIn(b"ON", [m.payload for m in watcher.seen if m.topic == "board2mqtt/gw/fan"])

    def test_the_password_may_be_a_systemd_credential_and_is_never_logged(self):
        passwords, credentials = self.folder / "passwords", self.folder / "credentials"
        passwords.touch(0o600)
        subprocess.run(["mosquitto_passwd", "-b", passwords, "gw", "open sesame"], check=True)
        credentials.mkdir()
        (credentials / "mqtt").write_text("open sesame\n")
        (credentials / "mqtt").chmod(0o400)
        broker = self.mosquitto(extra=f"user root\nallow_anonymous false\npassword_file {passwords}\n")
        with unittest.mock.patch.dict(os.environ, CREDENTIALS_DIRECTORY=str(credentials)):
            daemon = self.daemon(self.config({"broker": url(broker), "username": "gw", "password_file": "mqtt"}))
        wait_for(lambda: "mqtt: connected" in daemon.log(), "the connection")
        self.assertNotIn("open sesame", daemon.log())

    def test_check_connect_says_what_it_found_and_ends_with_1_when_the_broker_is_not_there(self):
        broker = self.mosquitto()
        found = self.program("check", "--connect", "--config", self.config({"broker": url(broker)}))
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        self.assertIn(f"{url(broker)}: connected with MQTT 5", found.stdout)
        missing = self.program("check", "--connect", "--config", self.config({"broker": f"mqtt://127.0.0.1:{free_port()}"}))
        self.assertEqual(missing.returncode, 1, missing.stdout + missing.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
