"""Pulses on lines of gpio-sim: pulse.py rate COUNT HZ PULL_FILE, or pulse.py gaps PULL_FILE SECONDS... (the level changes
after each of them), or pulse.py turn STEPS PULL_FILE PULL_FILE (an encoder's two lines; negative: the other way round)."""
import os
import sys
import time


class Line:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY)

    def set(self, high):
        os.pwrite(self.file, b"pull-up" if high else b"pull-down", 0)


def wait_until(moment):
    pause = moment - time.monotonic()
    if pause > 0.001:
        time.sleep(pause - 0.0005)
    while time.monotonic() < moment:
        pass


def rate(count, hertz, path):
    line = Line(path)
    half = 0.5 / float(hertz)
    begin = moment = time.monotonic()
    for edge in range(2 * int(count)):
        # Never faster than asked: a machine that was held up does not make up for it.
        moment = max(moment + half, time.monotonic())
        wait_until(moment)
        line.set(edge % 2 == 0)
    print(f"{int(count) / (time.monotonic() - begin):.0f} pulses a second")


def gaps(path, *seconds):
    line = Line(path)
    high = False
    for gap in seconds:
        wait_until(time.monotonic() + float(gap))
        high = not high
        line.set(high)


def turn(steps, first, second):
    lines = Line(first), Line(second)
    order = (0, 1) if int(steps) > 0 else (1, 0)
    for _ in range(abs(int(steps))):
        for high in (True, False):
            for line in order:
                lines[line].set(high)
                time.sleep(0.005)


{"rate": rate, "gaps": gaps, "turn": turn}[sys.argv[1]](*sys.argv[2:])
