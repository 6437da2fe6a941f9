"""Answers /dev/i2c-sim (vm/modules/i2c-sim.c) as an MCP23017 at 0x20: mcp23017_model.py WORLD STATE INTERRUPT.

WORLD is a FIFO: a line such as 0x0120 is the levels that the world puts on the pins from then on. STATE is a file that always says
what the chip drives: "outputs=0x0001 levels=0x0001 pull_ups=0x0020". INTERRUPT is the `pull` of the gpio-sim line that INTA is
wired to.

Microchip DS20001952D: registers with IOCON.BANK = 0 (table 3-1), interrupt on change, cleared by reading GPIO or INTCAP (3.5.6,
3.6.1), mirrored and active low.
"""
import os
import struct
import sys
import threading

from i2c_sim import serve

ADDRESS = 0x20
IODIR, GPINTEN, INTCON, GPPU, INTF, INTCAP, GPIO, OLAT = 0x00, 0x04, 0x08, 0x0C, 0x0E, 0x10, 0x12, 0x14
REGISTERS = 0x16


class Mcp23017:
    def __init__(self, state, interrupt):
        self.registers = bytearray(REGISTERS)
        self.registers[IODIR] = self.registers[IODIR + 1] = 0xFF
        self.pointer = 0
        self.world = 0
        self.lock = threading.Lock()
        self.state = state
        self.interrupt = interrupt
        self.tell_interrupt(False)
        self.tell_state()

    def word(self, register):
        return self.registers[register] | self.registers[register + 1] << 8

    def put(self, register, value):
        self.registers[register : register + 2] = struct.pack("<H", value)

    def pins(self):
        inputs = self.word(IODIR)
        return self.word(OLAT) & ~inputs & 0xFFFF | self.world & inputs

    def tell_interrupt(self, active):
        with open(self.interrupt, "w", encoding="ascii") as pull:
            pull.write("pull-down" if active else "pull-up")

    def tell_state(self):
        outputs = ~self.word(IODIR) & 0xFFFF
        text = f"outputs=0x{outputs:04x} levels=0x{self.word(OLAT) & outputs:04x} pull_ups=0x{self.word(GPPU):04x}\n"
        with open(self.state + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(self.state + ".new", self.state)

    def set_world(self, levels):
        with self.lock:
            before = self.pins()
            self.world = levels
            changed = (before ^ self.pins()) & self.word(GPINTEN)
            if changed:
                self.put(INTF, changed)
                self.put(INTCAP, self.pins())
                self.tell_interrupt(True)

    def write(self, data):
        if not data:
            return
        with self.lock:
            self.pointer = data[0]
            for value in data[1:]:
                if not INTF <= self.pointer < GPIO:
                    self.registers[self.pointer] = value
                self.pointer = (self.pointer + 1) % REGISTERS
            if len(data) > 1:
                self.tell_state()

    def read(self, length):
        with self.lock:
            self.put(GPIO, self.pins())
            data = bytearray()
            for _ in range(length):
                data.append(self.registers[self.pointer])
                if INTCAP <= self.pointer < OLAT and self.word(INTF):
                    self.put(INTF, 0)
                    self.tell_interrupt(False)
                self.pointer = (self.pointer + 1) % REGISTERS
            return bytes(data)


def follow(world, chip):
    while True:
        with open(world, encoding="ascii") as lines:  # ends when its writer closes, and begins anew
            for line in lines:
                chip.set_world(int(line, 0))


model = Mcp23017(sys.argv[2], sys.argv[3])
threading.Thread(target=follow, args=(sys.argv[1], model), daemon=True).start()
serve({ADDRESS: model})
