"""Answers /dev/i2c-sim (vm/modules/i2c-sim.c) as the parts named: bus_models.py PART...

bme280 at 0x76: Bosch BST-BME280-DS002, table 18 (memory map), with the trimming values and raw values of a published example
(BST-BMP280-DS001 table 14, 25.08 degrees at 519888); sht3x at 0x44 as sht3x_model.py; mux at 0x70: TI TCA9548A, SCPS207H
section 8.6, one register. What is written to the multiplexer is appended to /tmp/mux_writes.
"""
import struct
import sys

import sht3x_model
from i2c_sim import serve


class Bme280:
    """Registers that reads go through; writes are pairs of register and value."""

    def __init__(self):
        self.registers = bytearray(256)
        self.registers[0xD0] = 0x60
        self.registers[0x88:0x88 + 24] = struct.pack(
            "<HhhHhhhhhhhh", 27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
        self.registers[0xA1] = 75
        self.registers[0xE1:0xE8] = struct.pack("<hBbBbb", 362, 0, 20, 0x05, 0, 30)
        self.registers[0xF7:0xFF] = bytes([415148 >> 12, 415148 >> 4 & 0xFF, (415148 & 0xF) << 4,
                                           519888 >> 12, 519888 >> 4 & 0xFF, (519888 & 0xF) << 4, 0x75, 0x30])
        self.pointer = 0

    def write(self, data):
        if data:
            self.pointer = data[0]
        for register, value in zip(data[0::2], data[1::2]):
            if register not in (0xE0, 0xD0):
                self.registers[register] = value

    def read(self, length):
        at, self.pointer = self.pointer, (self.pointer + length) & 0xFF
        return bytes(self.registers[(at + i) & 0xFF] for i in range(length))


class Multiplexer:
    def __init__(self):
        self.channels = 0

    def write(self, data):
        if not data:
            return
        self.channels = data[-1]
        with open("/tmp/mux_writes", "a", encoding="ascii") as log:
            log.write(data.hex() + "\n")

    def read(self, length):
        return bytes([self.channels]) * length


PARTS = {
    "bme280": (0x76, Bme280),
    "sht3x": (sht3x_model.ADDRESS, lambda: sht3x_model.Sht3x(23.5, 41)),
    "mux": (0x70, Multiplexer),
}
serve({address: make() for address, make in map(PARTS.get, sys.argv[1:])})
