"""The other side of /dev/i2c-sim (vm/modules/i2c-sim.c): parts on a simulated bus, each an object with write(data) and read(length)."""
import errno
import os
import struct

READ = 1


def serve(parts):
    """Answers for ever. `parts`: objects by address. A read of None is no acknowledge, as is an address that nobody has."""
    device = os.open("/dev/i2c-sim", os.O_RDWR)
    while True:
        transfer = os.read(device, 65536)
        count = struct.unpack_from("<H", transfer)[0]
        at, result, answer = 2, count, b""
        for _ in range(count):
            address, flags, length = struct.unpack_from("<HHH", transfer, at)
            at += 6
            data = b"" if flags & READ else transfer[at : at + length]
            at += len(data)
            part = parts.get(address)
            read = part.read(length) if part and flags & READ else b""
            if part is None or read is None:
                result = -errno.ENXIO
                break
            if flags & READ:
                answer += read
            else:
                part.write(data)
        os.write(device, struct.pack("<i", result) + answer)
