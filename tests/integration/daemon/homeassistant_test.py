"""What a home automation makes of the gateway that follows the documents of MQTT discovery: home-assistant.io, "MQTT", "MQTT Sensor",
"MQTT Light"; abbreviations and the handling of payloads: Home Assistant Core, components/mqtt. Usage: homeassistant_test.py PROGRAM"""

import json
import queue
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

from harness import DEADLINE, SKIPPED, Daemon, Mosquitto, mqtt, wait_for

try:
    import jinja2
except ImportError:
    print("skipped: python3-jinja2 is not installed")
    raise SystemExit(SKIPPED)

PROGRAM = sys.argv.pop(1)
BASE = "board2mqtt/gw"

ABBREVIATIONS = {
    "avty": "availability", "avty_mode": "availability_mode", "bri_cmd_t": "brightness_command_topic", "bri_scl": "brightness_scale",
    "bri_stat_t": "brightness_state_topic", "cmd_t": "command_topic", "cmps": "components", "dev": "device", "dev_cla": "device_class",
    "ent_cat": "entity_category", "evt_typ": "event_types", "exp_aft": "expire_after", "o": "origin", "on_cmd_type": "on_command_type",
    "p": "platform", "pl_avail": "payload_available", "pl_not_avail": "payload_not_available", "pl_off": "payload_off", "pl_on": "payload_on",
    "stat_cla": "state_class", "stat_t": "state_topic", "stat_val_tpl": "state_value_template", "sug_dsp_prc": "suggested_display_precision",
    "t": "topic", "uniq_id": "unique_id", "unit_of_meas": "unit_of_measurement", "val_tpl": "value_template"}
DEVICE_ABBREVIATIONS = {"ids": "identifiers", "mdl": "model", "sw": "sw_version"}
# What a component may say beside what is abbreviated above; anything else is a mistake of ours.
WHOLE = {"name", "default_entity_id", "min", "max", "step", "qos"}
UNKNOWN = object()


def long(abbreviated, table):
    return {table.get(key, key): value for key, value in abbreviated.items()}


def expanded(component):
    """A component in full words, with the base topic put in."""
    base = component.pop("~", None)
    full = long(component, ABBREVIATIONS)
    full["availability"] = [long(entry, ABBREVIATIONS) for entry in full.get("availability", [])]
    for holder in (full, *full["availability"]):
        for key, value in holder.items():
            if base is not None and key.endswith("topic") and value.startswith("~"):
                holder[key] = base + value[1:]
    return full


class Entity:
    def __init__(self, home, config):
        self.home, self.config = home, config
        assert set(config) <= set(ABBREVIATIONS.values()) | WHOLE, config
        self.platform = config["platform"]
        self.topics = {config["state_topic"], *(entry["topic"] for entry in config["availability"])}
        self.told = {}
        self.events = []

    def receive(self, topic, payload, retained):
        self.told[topic] = payload
        if self.platform == "event" and topic == self.config["state_topic"] and not retained:
            self.events.append(json.loads(self.render("value_template", payload))["event_type"])

    def render(self, template, payload):
        """As a template is rendered there: what is no JSON has no value_json."""
        source = self.config.get(template)
        if source is None:
            return payload
        variables = {"value": payload}
        try:
            variables["value_json"] = json.loads(payload)
        except ValueError:
            pass
        return self.home.templates.from_string(source).render(variables)

    def available(self):
        entries = self.config["availability"]
        assert len(entries) < 2 or self.config["availability_mode"] == "all"
        return all(self.told.get(entry["topic"]) == entry.get("payload_available", "online") for entry in entries)

    def value(self):
        """None while nothing has come, UNKNOWN for what says so."""
        payload = self.told.get(self.config["state_topic"])
        if payload is None:
            return None
        shown = self.render("state_value_template" if self.platform == "light" else "value_template", payload)
        if shown == "":
            return None
        if shown == "None":
            return UNKNOWN
        if self.platform == "number" or {"unit_of_measurement", "state_class"} & set(self.config):
            number = float(shown)
            if self.platform == "number":
                assert self.config["min"] <= number <= self.config["max"]
            return number
        if self.platform in ("switch", "light", "binary_sensor"):
            return {self.config.get("payload_on", "ON"): True, self.config.get("payload_off", "OFF"): False}[shown]
        return shown

    def brightness(self):
        return float(self.told[self.config["brightness_state_topic"]]) / self.config["brightness_scale"]


class Home(mqtt.Client):
    """Finds devices, listens to what they announce, and commands them."""

    def __init__(self, port, prefix="homeassistant"):
        super().__init__(client_id=f"home-{time.monotonic_ns()}")
        self.prefix, self.entities, self.messages = prefix, {}, []
        self.templates = jinja2.Environment()
        self.device = None
        self.connected = queue.Queue()
        self.on_subscribe = lambda *unused: self.connected.put(True)
        self.connect("127.0.0.1", port)
        self.loop_start()
        self.subscribe(f"{prefix}/device/+/config")
        self.connected.get(timeout=DEADLINE)

    def __exit__(self, *unused):
        self.disconnect()
        self.loop_stop()

    def on_message(self, unused_client, unused_data, message):
        payload = message.payload.decode()
        if message.topic.startswith(self.prefix + "/device/"):
            self.discover(payload)
            self.messages.append((payload, message.retain))
            return
        for entity in list(self.entities.values()):
            if message.topic in entity.topics:
                entity.receive(message.topic, payload, message.retain)

    def discover(self, payload):
        if payload == "":
            self.entities = {}
            return
        message = long(json.loads(payload), ABBREVIATIONS)
        self.device = long(message["device"], DEVICE_ABBREVIATIONS)
        assert self.device["identifiers"] and message["origin"]["name"], "both are required"
        wanted = []
        entities = dict(self.entities)
        for key, component in message["components"].items():
            if set(component) == {"p"}:
                gone = entities.pop(key, None)
                assert gone is None or gone.platform == component["p"], "only what it is can be removed"
                continue
            entity = Entity(self, expanded(component))
            entity.told = entities[key].told if key in entities else {}
            entities[key] = entity
            wanted += [(topic, 1) for topic in entity.topics]
        ids = [entity.config["unique_id"] for entity in entities.values()]
        assert len(ids) == len(set(ids)), "an id is given once"
        self.entities = entities
        self.subscribe(wanted)

    def shows(self, key, accept=lambda value: value is not None):
        wait_for(lambda: key in self.entities and self.entities[key].available() and accept(self.entities[key].value()), key)
        return self.entities[key].value()

    def command(self, key, payload, topic="command_topic"):
        self.publish(self.entities[key].config[topic], payload, qos=1).wait_for_publish(DEADLINE)

    def last_message(self):
        return json.loads(self.messages[-1][0])["cmps"]


CLIMATE = {"driver": "bme280", "bus": "i2c-1", "address": "0x76", "every": "200ms", "topic": "/public/walnutpi/1", "derive": "dew_point",
           "channels": {"pressure": {"name": "Air pressure", "topic": "weather/pressure"}}}
DOOR = {"driver": "input", "line": "PC12"}
SENSORS = {"climate": CLIMATE, "door": DOOR, "bell": {"driver": "button", "line": "PC13"},
           "word": {"driver": "button", "line": "PC14", "event_payload": "value"},
           "adc": {"driver": "ads1115", "bus": "i2c-1", "topic": "{base}/adc/{channel}", "every": "500ms"},
           "water": {"driver": "ntc", "input": "adc.ain0", "series_ohm": 10000, "beta_kelvin": 3950},
           "board": {"driver": "system", "every": "500ms"}, "hello": {"driver": "text", "text": "hello", "every": "500ms"}}
ACTUATORS = {"fan": {"driver": "switch", "line": "PC8", "command_topic": "/public/01Studio/2"}, "lamp": {"driver": "switch", "line": "PC9"},
             "led": {"driver": "led", "led": "green:status"}, "valve": {"driver": "pwm", "chip": "300a000.pwm", "channel": 1},
             "screen": {"driver": "ssd1306", "bus": "i2c-1"}}


class HomeAssistant(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.broker = self.started(Mosquitto(self.folder))

    def started(self, process):
        self.addCleanup(process.__exit__)
        return process

    def write(self, sensors, actuators, homeassistant, **mqtt_keys):
        config = {"name": "gw", "board": "walnutpi-1b", "mqtt": {"broker": f"mqtt://127.0.0.1:{self.broker.port}", **mqtt_keys},
                  "sensors": sensors, "actuators": actuators}
        if homeassistant is not None:
            config["homeassistant"] = homeassistant
        (self.folder / "board2mqtt.json").write_text(json.dumps(config))

    def daemon(self):
        return self.started(Daemon(PROGRAM, self.folder / "board2mqtt.json", "--simulate"))

    def home(self):
        return self.started(Home(self.broker.port))

    def test_every_component_shows_a_value_of_its_kind_and_obeys(self):
        home = self.home()
        self.write(SENSORS, ACTUATORS, {"lights": ["lamp"]})
        self.daemon()
        wait_for(lambda: home.entities, "a device")
        self.assertEqual((home.device["name"], home.device["model"]), ("gw", "WalnutPi 1B (Allwinner H616/H618)"))
        home.shows("sensor-adc-ain0-sensor")
        home.shows("sensor-climate-dew_point-sensor")
        home.shows("sensor-water-temperature-sensor")
        home.shows("sensor-board-uptime-sensor")
        numbers = [key for key, entity in home.entities.items() if entity.platform == "sensor" and "state_class" in entity.config]
        for key in numbers:
            self.assertIsInstance(home.shows(key), float, key)
        self.assertGreater(len(numbers), 15)
        self.assertTrue(-40 <= home.shows("sensor-climate-temperature-sensor") <= 85)
        self.assertEqual(home.entities["sensor-climate-pressure-sensor"].config["name"], "Air pressure")
        self.assertEqual(home.shows("sensor-hello-text-sensor"), "hello")
        for key in ("sensor-door-state-binary_sensor", "sensor-bell-state-binary_sensor"):
            self.assertIsInstance(home.shows(key), bool)
        home.shows("gateway-clock-binary_sensor")
        home.shows("gateway-memory-sensor", lambda value: value is not None and value > 1e5)
        for key in ("event-bell-event", "event-word-event"):
            event = home.entities[key]
            wait_for(lambda: event.events, key)
            self.assertLessEqual(set(event.events), set(event.config["event_types"]))
        self.assertFalse(home.shows("actuator-fan-switch"))
        home.command("actuator-fan-switch", "ON")
        home.shows("actuator-fan-switch", lambda on: on is True)
        home.command("actuator-lamp-light", "ON")
        home.shows("actuator-lamp-light", lambda on: on is True)
        led = "actuator-led-light"
        home.command(led, "40", "brightness_command_topic")
        home.shows(led, lambda on: on is True and home.entities[led].brightness() == 0.4)
        home.command(led, "OFF")
        home.shows(led, lambda on: on is False)
        home.command("actuator-valve-number", "12.5")
        home.shows("actuator-valve-number", lambda value: value == 12.5)
        home.command("actuator-screen-text", "at home")
        home.shows("actuator-screen-text", lambda value: value == "at home")
        # What fails is unknown, and what a filter holds back keeps its value.
        humidity = home.entities["sensor-climate-humidity-sensor"]
        self.assertEqual(humidity.render("value_template", '{"humidity":null,"errors":{"humidity":"checksum"}}'), "None")
        self.assertEqual(humidity.render("value_template", '{"temperature":20}'), "")

    def test_what_goes_is_removed_by_a_reload_and_by_a_restart(self):
        home = self.home()
        self.write({"climate": CLIMATE, "door": DOOR}, ACTUATORS, {})
        daemon = self.daemon()
        home.shows("sensor-door-state-binary_sensor")
        self.write({"climate": CLIMATE}, ACTUATORS, {})
        begin = len(home.messages)
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: "sensor-door-state-binary_sensor" not in home.entities, "the door to go")
        wait_for(lambda: len(home.messages) > begin + 1, "the message without it")
        self.assertNotIn("sensor-door-state-binary_sensor", home.last_message())
        self.assertEqual(daemon.stop(), 0)
        self.write({"climate": CLIMATE}, {"fan": ACTUATORS["fan"]}, {})
        daemon = self.daemon()
        wait_for(lambda: "actuator-led-light" not in home.entities, "the LED to go")
        home.shows("actuator-fan-switch")
        late = self.home()
        wait_for(lambda: late.messages, "what is retained")
        self.assertFalse([key for key, component in late.last_message().items() if len(component) == 1])
        self.write({"climate": CLIMATE}, {"fan": ACTUATORS["fan"]}, None)
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: home.messages[-1][0] == "" and not home.entities, "the device to go")

    def test_it_is_told_again_at_its_start_where_nothing_is_retained(self):
        self.write({"door": DOOR}, {"fan": ACTUATORS["fan"]}, {}, no_retain=True)
        daemon = self.daemon()
        wait_for(lambda: "connected to" in daemon.log(), "the connection")
        home = self.home()
        # The daemon subscribes after its birth: what is said before is not heard, and what is heard is answered.
        wait_for(lambda: home.publish("homeassistant/status", "online", qos=1) and home.entities, "an answer")
        home.shows("sensor-door-state-binary_sensor")
        self.assertFalse(home.shows("actuator-fan-switch"))
        self.assertFalse([retained for _, retained in home.messages if retained])


if __name__ == "__main__":
    unittest.main(verbosity=2)
