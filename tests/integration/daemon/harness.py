"""A private mosquitto, the daemon, and a third-party subscriber, for tests of the whole road."""

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

DEADLINE = 20  # seconds; never reached by a test that passes

SKIPPED = 77

try:
    import paho.mqtt.client as mqtt
except ImportError:
    print("skipped: python3-paho-mqtt is not installed")
    raise SystemExit(SKIPPED)

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
if MOSQUITTO is None:
    print("skipped: mosquitto is not installed")
    raise SystemExit(SKIPPED)


reserved = []


def free_port():
    """A port for this test's servers alone, also while none of them listens on it: a socket that is bound and does not listen keeps the
    kernel from giving it to somebody's connection, and lets those bind who set SO_REUSEADDR, as servers do."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    reserved.append(s)
    return s.getsockname()[1]


def wait_for(happened, what, deadline=DEADLINE):
    limit = time.monotonic() + deadline
    while not happened():
        if time.monotonic() > limit:
            raise AssertionError(f"waited {deadline} s for {what}")
        time.sleep(0.02)


class Process:
    """A child that is ended by its own pid, whatever the test does."""

    def __init__(self, arguments, **options):
        self.process = subprocess.Popen(arguments, **options)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=DEADLINE):
        return self.process.wait(timeout)


class Mosquitto(Process):
    """Its websockets are on `web_port`."""

    def __init__(self, folder, port=None, extra=None):
        self.port, self.web_port = port or free_port(), free_port()
        config = Path(folder) / f"mosquitto-{self.port}.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n" + (extra or "") +
                          f"listener {self.web_port} 127.0.0.1\nprotocol websockets\n")
        super().__init__([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.answers, "mosquitto")

    def answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0


class Daemon(Process):
    """`board2mqtt run`; what it says is in log(). What outlives it is in `state`, beside the configuration if not given."""

    def __init__(self, program, config, *flags, state=None, **options):
        self.log_file = tempfile.TemporaryFile("w+")
        self.state = Path(state or Path(config).parent / "state")
        super().__init__([program, "run", "--config", str(config), "--state", str(self.state), *flags],
                         stderr=self.log_file, stdin=subprocess.DEVNULL, **options)

    def __exit__(self, *unused):
        super().__exit__(*unused)
        self.log_file.close()

    def log(self):
        size = os.fstat(self.log_file.fileno()).st_size
        return os.pread(self.log_file.fileno(), size, 0).decode()

    def stop(self):
        """Its exit code; how long it took is printed, since a loaded machine proves nothing about a limit."""
        begin = time.monotonic()
        self.signal(signal.SIGTERM)
        code = self.wait()
        print(f"stopped after {time.monotonic() - begin:.2f} s", end=" ", flush=True)
        return code


class Forwarder:
    """A TCP port that leads to another one, from start() on."""

    def __init__(self, port, target):
        self.port, self.target = port, target
        self.sockets = []

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.sockets.append(self.listener)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return  # closed by the test
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            self.sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        for end in self.sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Subscriber:
    """A client of Eclipse Paho for Python that keeps what it receives, by topic, in the order of arrival."""

    def __init__(self, port, filters, protocol=mqtt.MQTTv311, login=None, qos=1):
        self.messages = queue.Queue()
        self.seen = []
        self.client = mqtt.Client(client_id=f"test-{os.getpid()}-{time.monotonic_ns()}", protocol=protocol)
        if login:
            self.client.username_pw_set(*login)
        subscribed = queue.Queue()
        self.client.on_message = lambda client, data, message: self.messages.put(message)
        self.client.on_subscribe = lambda *unused: subscribed.put(True)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe([(name, qos) for name in filters])
        subscribed.get(timeout=DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.client.disconnect()
        self.client.loop_stop()

    def publish(self, topic, payload, retain=False):
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(DEADLINE)

    def ask(self, topic, payload, answer_topic, accept=lambda text: True):
        """The answer to a message that is published again until somebody listens."""
        limit = time.monotonic() + DEADLINE
        while time.monotonic() < limit:
            self.publish(topic, payload)
            with contextlib.suppress(AssertionError):
                return self.next_text(answer_topic, accept, 0.5)
        raise AssertionError(f"no answer on {answer_topic} to {payload!r} on {topic}")

    def next(self, topic, accept=lambda text: True, patience=DEADLINE):
        """The next message on `topic` whose text is accepted, among those already here and those to come."""
        limit = time.monotonic() + patience
        while True:
            for at, message in enumerate(self.seen):
                if message.topic == topic and accept(message.payload.decode()):
                    del self.seen[at]
                    return message
            remaining = limit - time.monotonic()
            try:
                self.seen.append(self.messages.get(timeout=max(remaining, 0.001)))
            except queue.Empty:
                raise AssertionError(f"nothing that fits came on {topic}; seen: {[(m.topic, m.payload) for m in self.seen]}") from None

    def next_text(self, topic, accept=lambda text: True, patience=DEADLINE):
        return self.next(topic, accept, patience).payload.decode()

    def next_json(self, topic):
        return json.loads(self.next_text(topic))
