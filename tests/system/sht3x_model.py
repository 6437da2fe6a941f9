"""Answers /dev/i2c-sim (vm/modules/i2c-sim.c) as an SHT3x at 0x44: sht3x_model.py TEMPERATURE HUMIDITY.

Sensirion SHT3x-DIS datasheet, version 7: single shot commands 0x24xx and 0x2Cxx (table 9), status register 0xF32D (table 18),
CRC-8 with polynomial 0x31 and start value 0xFF (table 20).
"""
import errno
import os
import struct
import sys

ADDRESS = 0x44
READ = 1


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


def serve(chip, device):
    while True:
        transfer = os.read(device, 65536)
        count = struct.unpack_from("<H", transfer)[0]
        at, result, answer = 2, count, b""
        for _ in range(count):
            address, flags, length = struct.unpack_from("<HHH", transfer, at)
            at += 6
            data = b"" if flags & READ else transfer[at : at + length]
            at += len(data)
            if address != ADDRESS:
                result = -errno.ENXIO
                break
            if flags & READ:
                read = chip.read(length)
                if read is None:
                    result = -errno.ENXIO
                    break
                answer += read
            else:
                chip.write(data)
        os.write(device, struct.pack("<i", result) + answer)


serve(Sht3x(float(sys.argv[1]), float(sys.argv[2])), os.open("/dev/i2c-sim", os.O_RDWR))
