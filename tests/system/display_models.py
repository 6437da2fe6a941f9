"""Displays for output_models.py: what stands in their memory, told as the letters that it shows.

Solomon Systech SSD1306 rev. 1.5: control byte (8.1.5.2), commands (table 9), page addressing (10.1.3). Hitachi HD44780U: reset by
instruction (figure 24), instructions (table 6); NXP PCF8574: the pins follow each byte that is written.
"""
import re


def read_font(path):
    """The letters of font_5x8.cpp: a glyph's eight rows, bit 4 at the left, to its letter."""
    with open(path, encoding="utf-8") as file:
        found = re.findall(r"Glyph\{((?:0b[01]{5}(?:, )?){8})\}", file.read())
    letters = [chr(code) for code in range(0x20, 0x7F)] + ["\u00b0", "\u00b5"]
    assert len(found) == len(letters), f"{len(found)} glyphs for {len(letters)} letters"
    return {tuple(int(row, 2) for row in rows.split(", ")): letter for rows, letter in zip(found, letters)}


class Ssd1306:
    WIDTH, PAGES, PITCH, MARGIN = 128, 8, 6, 1
    PARAMETERS = {0x20: 1, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}

    def __init__(self, state, font):
        self.memory = [bytearray(b"\xa5" * self.WIDTH) for _ in range(self.PAGES)]
        self.page = self.column = self.skip = 0
        self.lit = False
        self.state = state
        self.font = font

    def lines(self):
        yield f"oled: {'on' if self.lit else 'off'}"
        for page in range(self.PAGES):
            cells = range(self.MARGIN, self.WIDTH - self.PITCH + 1, self.PITCH)
            yield f"oled {page}: |{''.join(self.letter(page, cell) for cell in cells).rstrip()}|"

    def letter(self, page, cell):
        """Bit 0 of a byte is the dot at the top."""
        columns = self.memory[page][cell : cell + 5]
        rows = tuple(sum((column >> row & 1) << (4 - at) for at, column in enumerate(columns)) for row in range(8))
        return self.font.get(rows, "#")

    def write(self, data):
        for byte in data[1:]:
            if data[0] == 0x40:
                self.memory[self.page][self.column % self.WIDTH] = byte
                self.column += 1
            elif self.skip:
                self.skip -= 1
            else:
                self.command(byte)
        self.state.tell()

    def command(self, byte):
        self.skip = self.PARAMETERS.get(byte, 0)
        if byte < 0x10:
            self.column = self.column & 0xF0 | byte
        elif byte < 0x20:
            self.column = (byte & 0x0F) << 4 | self.column & 0x0F
        elif 0xB0 <= byte < 0xB8:
            self.page = byte - 0xB0
        elif byte in (0xAE, 0xAF):
            self.lit = byte == 0xAF

    def read(self, length):
        return bytes(length)


class Hd44780:
    """Of 16 by 2, on a backpack: P0 RS, P1 R/W, P2 E, P3 light, P4 to P7 the data."""

    RS, ENABLE, LIGHT = 0x01, 0x04, 0x08

    def __init__(self, state, font):
        self.cells = bytearray(b"#" * 0x80)
        self.glyphs = bytearray(64)
        self.pins = self.address = 0
        self.to_glyphs = self.lit = False
        self.four_bits = False
        self.high = None
        self.state = state
        self.font = font

    def lines(self):
        yield f"lcd: {'on' if self.lit else 'off'} {'light' if self.pins & self.LIGHT else 'dark'}"
        for row, start in enumerate((0x00, 0x40)):
            yield f"lcd {row}: |{''.join(self.letter(code) for code in self.cells[start : start + 16]).rstrip()}|"

    def letter(self, code):
        """Below 8 are the letters of its user."""
        return self.font.get(tuple(self.glyphs[8 * code : 8 * code + 8]), "#") if code < 8 else chr(code)

    def write(self, data):
        for pins in data:
            if self.pins & self.ENABLE and not pins & self.ENABLE:
                self.take(self.pins)
            self.pins = pins
        self.state.tell()

    def take(self, pins):
        half = pins & 0xF0
        if not self.four_bits:
            self.four_bits = half == 0x20
        elif self.high is None:
            self.high = half
        else:
            value, self.high = self.high | half >> 4, None
            (self.data if pins & self.RS else self.instruction)(value)

    def data(self, value):
        if self.to_glyphs:
            self.glyphs[self.address % 64] = value
        else:
            self.cells[self.address % 0x80] = value
        self.address += 1

    def instruction(self, value):
        if value & 0x80:
            self.address, self.to_glyphs = value & 0x7F, False
        elif value & 0x40:
            self.address, self.to_glyphs = value & 0x3F, True
        elif value & 0xF8 == 0x08:
            self.lit = bool(value & 0x04)
        elif value == 0x01:
            self.cells[:] = b" " * 0x80
            self.address, self.to_glyphs = 0, False

    def read(self, length):
        return bytes([self.pins]) * length
