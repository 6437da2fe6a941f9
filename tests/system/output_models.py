"""Answers /dev/i2c-sim (vm/modules/i2c-sim.c) as a PCA9685 at 0x40, an MCP4725 at 0x62, a PCF8591 at 0x48, displays at 0x3c and 0x27
(display_models.py) and a thermometer for them to show, an LM75 at 0x49: output_models.py STATE FONT.

STATE is a file that always says what they drive and how often they were written to: "pwm 3: 0x0000 0x0666", a line for each channel
with its ON and OFF counts, "prescale: 121", "dac: 0x400", "aout: 0x40 enabled", "oled 0: |text|", "lcd 0: |text|", "writes: 17". The
temperature is what the file STATE.celsius says. FONT is font_5x8.cpp.

NXP PCA9685 rev. 4: registers (table 4), PRE_SCALE in sleep alone (7.3.5). Microchip DS22039D: fast write (6.1.1), read (6.2). NXP
PCF8591 rev. 7: control byte (8.2). NXP LM75B rev. 6.1: temperature (7.4.3), nine bits of it as in a plain LM75.
"""
import os
import struct
import sys

from display_models import Hd44780, Ssd1306, read_font
from i2c_sim import serve

MODE1, FIRST_CHANNEL, PRE_SCALE, SLEEP, RESTART = 0x00, 0x06, 0xFE, 0x10, 0x80
CHANNELS = 16


class State:
    """What both tell, put into the file as a whole."""

    def __init__(self, path):
        self.path = path
        self.parts = []
        self.writes = 0

    def tell(self, written=True):
        self.writes += written
        lines = [line for part in self.parts for line in part.lines()] + [f"writes: {self.writes}"]
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.rename(self.path + ".new", self.path)


class Pca9685:
    def __init__(self, state):
        self.registers = bytearray(256)
        self.registers[MODE1] = 0x11
        self.registers[0x01] = 0x04
        self.registers[PRE_SCALE] = 0x1E
        for channel in range(CHANNELS):
            self.registers[FIRST_CHANNEL + 4 * channel + 3] = 0x10
        self.pointer = 0
        self.state = state

    def lines(self):
        for channel in range(CHANNELS):
            at = FIRST_CHANNEL + 4 * channel
            on, off = (self.registers[at + i] | self.registers[at + i + 1] << 8 for i in (0, 2))
            yield f"pwm {channel}: 0x{on:04x} 0x{off:04x}"
        yield f"prescale: {self.registers[PRE_SCALE]}"

    def write(self, data):
        if not data:
            return
        self.pointer = data[0]
        for offset, value in enumerate(data[1:]):
            register = (data[0] + offset) & 0xFF
            if register == MODE1:
                value &= ~RESTART
            if register != PRE_SCALE or self.registers[MODE1] & SLEEP:
                self.registers[register] = value
        if len(data) > 1:
            self.state.tell()

    def read(self, length):
        return bytes(self.registers[(self.pointer + i) & 0xFF] for i in range(length))


class Mcp4725:
    def __init__(self, state):
        self.register = 0x800
        self.state = state

    def lines(self):
        yield f"dac: 0x{self.register:03x}"

    def write(self, data):
        if len(data) == 2 and data[0] & 0xC0 == 0:
            self.register = data[0] << 8 | data[1]
        self.state.tell()

    def read(self, length):
        status = 0xC0 | (self.register >> 12 & 3) << 1
        answer = [status, self.register >> 4 & 0xFF, (self.register & 0x0F) << 4, 0x08, 0x00]
        return bytes(answer[i % 5] for i in range(length))


class Pcf8591:
    def __init__(self, state):
        self.control = self.output = 0
        self.state = state

    def lines(self):
        yield f"aout: 0x{self.output:02x} {'enabled' if self.control & 0x40 else 'off'}"

    def write(self, data):
        if data:
            self.control = data[0]
        if len(data) > 1:
            self.output = data[-1]
        self.state.tell()

    def read(self, length):
        return bytes(length)


class Lm75:
    def __init__(self, path):
        self.path = path
        self.pointer = 0

    def write(self, data):
        self.pointer = data[0] if data else self.pointer

    def read(self, length):
        with open(self.path, encoding="ascii") as file:
            halves = round(float(file.read()) * 2)
        answer = struct.pack(">h", halves << 7) if self.pointer == 0 else bytes(2)
        return bytes(answer[i % 2] for i in range(length))


STATE = State(sys.argv[1])
FONT = read_font(sys.argv[2])
OUTPUTS = {
    0x27: Hd44780(STATE, FONT),
    0x3C: Ssd1306(STATE, FONT),
    0x40: Pca9685(STATE),
    0x48: Pcf8591(STATE),
    0x62: Mcp4725(STATE),
}
STATE.parts = list(OUTPUTS.values())
STATE.tell(written=False)
serve({**OUTPUTS, 0x49: Lm75(sys.argv[1] + ".celsius")})
