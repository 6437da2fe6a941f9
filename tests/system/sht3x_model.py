"""Answers /dev/i2c-sim (vm/modules/i2c-sim.c) as an SHT3x at 0x44: sht3x_model.py TEMPERATURE HUMIDITY.

Sensirion SHT3x-DIS datasheet, version 7: single shot commands 0x24xx and 0x2Cxx (table 9), status register 0xF32D (table 18),
CRC-8 with polynomial 0x31 and start value 0xFF (table 20).
"""
import struct
import sys

from i2c_sim import serve

ADDRESS = 0x44


def checksum(data):
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


def word(value):
    data = struct.pack(">H", value)
    return data + bytes([checksum(data)])


class Sht3x:
    def __init__(self, temperature, humidity):
        self.temperature = temperature
        self.humidity = humidity
        self.answer = b""

    def write(self, data):
        command = data[:2]
        if command[:1] in (b"\x24", b"\x2c"):
            raw_temperature = round((self.temperature + 45) / 175 * 65535)
            raw_humidity = round(self.humidity / 100 * 65535)
            self.answer = word(raw_temperature) + word(raw_humidity)
        elif command == b"\xf3\x2d":
            self.answer = word(0x0000)
        else:
            self.answer = b""

    def read(self, length):
        """None, as no acknowledge, when there is nothing to read."""
        if not self.answer:
            return None
        data, self.answer = self.answer, b""
        return data[:length].ljust(length, b"\xff")


if __name__ == "__main__":
    serve({ADDRESS: Sht3x(float(sys.argv[1]), float(sys.argv[2]))})
