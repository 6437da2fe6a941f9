"""Rounds of sudden ends: of the daemon, of the broker, of the link. Usage: kill_test.py PROGRAM ROUNDS

Five sensors count. What was taken is what the daemon logged before it handed a reading to the outbox; what arrived is what a
subscriber at the broker saw. At the end every number taken up to one outbox.sync before each end of the daemon must have arrived,
in order for each sensor; where the disk itself was slow to write, as a probe beside the daemon tells, by twice that time earlier.
B2M_SEED repeats a run.
"""

import contextlib
import json
import os
import random
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness import Daemon, Forwarder, Mosquitto, Subscriber, free_port, wait_for

SYNC = 1.0
GRACE = 0.1  # seconds that a commit itself may take on a machine that is busy with other tests
SENSORS = "abcde"
TAKEN = re.compile(r"reading for k/(\w): (\d+) (\d+)$", re.MULTILINE)


class Link(Forwarder):
    """A forwarder that can be cut, and refuses while it is cut."""

    def __init__(self, target):
        super().__init__(free_port(), target)

    def refuse(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # a close alone would not wake accept()
        self.listener.close()

    def cut(self):
        self.close()
        self.sockets.clear()


class DiskProbe:
    """How long the disk takes to write something for good: a commit of the daemon can be no faster."""

    def __init__(self, folder):
        self.file = open(folder / "probe", "wb", buffering=0)
        self.began, self.waits = None, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.2):
            self.began = time.monotonic()
            self.file.write(b"x")
            os.fsync(self.file.fileno())
            self.waits.append((time.monotonic(), time.monotonic() - self.began))
            self.began = None

    def slowest(self, seconds):
        """Of the writes that ended in the last seconds, and of the one that is under way."""
        now, began = time.monotonic(), self.began
        recent = [wait for ended, wait in self.waits if ended > now - seconds]
        return max([*recent, now - began if began else 0.0])

    def end(self):
        self.over.set()
        self.thread.join()
        self.file.close()
        return max(wait for _, wait in self.waits)


class Life:
    """One run of the daemon, and how long its log was at which time."""

    def __init__(self, daemon, probe):
        self.daemon = daemon
        self.probe = probe
        self.sizes = [(time.monotonic(), 0)]
        self.over = threading.Event()
        self.clock = threading.Thread(target=self.watch, daemon=True)
        self.clock.start()

    def watch(self):
        while not self.over.wait(0.02):
            self.sizes.append((time.monotonic(), os.fstat(self.daemon.log_file.fileno()).st_size))

    def kill(self):
        end = time.monotonic()
        self.daemon.signal(signal.SIGKILL)
        self.daemon.wait()
        return self.finish(end - SYNC - GRACE - 2 * self.probe.slowest(5))

    def finish(self, safe_until):
        """Everything taken, and what of it must arrive: (sensor, run, number)."""
        self.over.set()
        self.clock.join()
        log = self.daemon.log()
        size = max((size for moment, size in self.sizes if moment <= safe_until), default=0)
        self.daemon.__exit__()
        return readings(log), readings(log.encode()[:size].decode().rpartition("\n")[0])


def readings(log):
    return [(sensor, int(run), int(number)) for sensor, run, number in TAKEN.findall(log)]


class Test:
    def __init__(self, program, folder, rng):
        self.program, self.folder, self.rng = program, folder, rng
        self.taken, self.promised, self.arrived = [], [], []
        self.probe = DiskProbe(folder)
        self.broker = Mosquitto(folder)
        self.link = Link(self.broker.port)
        self.link.start()
        self.subscribe()
        self.config = folder / "board2mqtt.json"
        self.config.write_text(json.dumps({
            "name": "gw", "board": "walnutpi-1b",
            "mqtt": {"broker": f"mqtt://127.0.0.1:{self.link.port}", "reconnect": {"min": "100ms", "max": "500ms"}},
            "outbox": {"memory": 100, "sync": f"{SYNC}s"},
            "sensors": {name: {"driver": "text", "text": "{run} {sequence}", "every": "100ms", "topic": f"k/{name}"}
                        for name in SENSORS}}))
        self.begin()

    def subscribe(self):
        # At QoS 0 mosquitto writes to the subscriber before it acknowledges to the publisher, so that its death loses nothing.
        self.subscriber = Subscriber(self.broker.port, ["k/+"], qos=0)

    def begin(self):
        self.life = Life(Daemon(self.program, self.config, "--simulate", "--verbose"), self.probe)

    def pause(self, longest):
        time.sleep(self.rng.uniform(0, longest))

    def kill_daemon(self):
        taken, promised = self.life.kill()
        self.taken += taken
        self.promised += promised
        self.pause(0.5)
        self.begin()

    def kill_broker(self):
        self.link.refuse()  # a daemon that comes back too early would speak to nobody
        self.broker.signal(signal.SIGKILL)
        self.broker.wait()
        self.link.cut()
        self.collect()
        self.subscriber.__exit__()
        self.pause(1.5)
        self.broker = Mosquitto(self.folder, self.broker.port)
        self.subscribe()
        self.link.start()

    def cut_link(self):
        self.link.cut()
        self.pause(2)
        self.link.start()

    def kill_daemon_without_link(self):
        self.link.cut()
        self.pause(2)
        self.kill_daemon()
        self.pause(1)
        self.link.start()

    def collect(self):
        """What the subscriber has seen, after the last of it has had time to come."""
        time.sleep(0.3)
        while not self.subscriber.messages.empty():
            message = self.subscriber.messages.get()
            run, number = message.payload.decode().split()
            self.arrived.append((message.topic[-1], int(run), int(number)))

    def round(self):
        self.pause(2.5)
        self.rng.choice((self.kill_daemon, self.kill_broker, self.cut_link, self.kill_daemon_without_link))()

    def missing(self):
        self.collect()
        return set(self.promised) - set(self.arrived)

    def stop_daemon(self):
        """A clean stop: everything taken is promised, sent before or by the next run."""
        wait_for(lambda: "board2mqtt" in self.life.daemon.log(), "the daemon, which hears signals when it has told its name")
        self.life.daemon.signal(signal.SIGTERM)
        code = self.life.daemon.wait()
        assert code == 0, f"the daemon ended with {code}: {self.life.daemon.log()}"
        return self.life.finish(time.monotonic())

    def end(self):
        taken, promised = self.stop_daemon()
        self.taken += taken
        self.promised += promised
        self.begin()
        wait_for(lambda: not self.missing(), "what was promised to arrive")
        self.stop_daemon()
        self.collect()
        self.broker.__exit__()
        self.link.cut()
        print(f"slowest write of the disk: {self.probe.end():.2f} s")


def out_of_order(arrived):
    """First arrivals that came after a newer one of the same sensor."""
    seen, newest, wrong = set(), {}, []
    for reading in arrived:
        sensor, *moment = reading
        if reading not in seen and moment < newest.get(sensor, [0, 0]):
            wrong.append(reading)
        seen.add(reading)
        newest[sensor] = max(moment, newest.get(sensor, [0, 0]))
    return wrong


def main():
    program, rounds = sys.argv[1], int(sys.argv[2])
    seed = int(os.environ.get("B2M_SEED", random.randrange(10 ** 6)))
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        test = Test(program, Path(folder), random.Random(seed))
        for _ in range(rounds):
            test.round()
        try:
            test.end()
        except AssertionError as error:
            print(error, test.life.daemon.log()[-2000:])
    arrived, promised, taken = set(test.arrived), set(test.promised), set(test.taken)
    lost = sorted(promised - arrived)
    wrong = out_of_order(test.arrived)
    print(f"rounds {rounds}, taken {len(taken)}, arrived {len(arrived)}, duplicated {len(test.arrived) - len(arrived)}, "
          f"within the last sync before a kill and missing {len(taken - arrived - promised)}, lost {len(lost)}, out of order {len(wrong)}")
    print("lost:", lost[:20], "out of order:", wrong[:20])
    assert len(taken) > rounds * 10, "hardly anything was taken"
    # A reading that was under way when the log was read may have arrived and not be in it.
    return 1 if lost or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
