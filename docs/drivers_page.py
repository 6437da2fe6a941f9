#!/usr/bin/env python3
"""Makes docs/drivers.md from what the program says of its drivers.

    docs/drivers_page.py PROGRAM           writes the page beside this script
    docs/drivers_page.py PROGRAM --check   ends with 1 when the page there is another one
"""
import json
import re
import sys

from made_files import ROOT, main, program_says

BOARDS = ROOT / "configs/boards"
SHOWN_BOARDS = ("walnutpi-1b", "raspberry-pi-4")  # every other Raspberry Pi with 40 pins has the same header

HEAD = """# Drivers

Made from the drivers' own descriptions by `docs/drivers_page.py`; `board2mqtt drivers NAME` says the same of one. A `driver` in the
configuration is a driver's name or that of a chip. Every sensor also has `every` (unless edges or another sensor tell it), `topic`,
`payload`, `qos`, `retain`, `channels`, `filters`, `expire_after`, and `derive` with `altitude_m` ([derived.md](derived.md)); every actuator `topic`, `command_topic`, `result_topic`, `initial`, `on_exit` and `accept_retained` ([outputs.md](outputs.md)).
To add one: [architecture.md](architecture.md#how-to-add-a-driver).
To add one: [adding-a-driver.md](adding-a-driver.md).

Wiring, as far as it is not said with a driver: supply and ground go to 3.3 V (pin 1 or 17) and ground (pin 6, 9, 14 …); what is
called 5 V is pin 2 or 4. No line of these boards takes more than 3.3 V. Modules for I2C carry the pull-ups that the bus needs, and
several modules share the two wires as long as their addresses differ; of the same address, several go behind a multiplexer
(`"bus": "i2c-1/mux:0x70:3"`). Pins are those of the header with 40 pins.
"""

# What a module calls its pin, and the function of the header's pin that it goes to.
WIRES = {
    "i2c": (("SDA", "SDA1"), ("SCL", "SCL1")),
    "spi": (("SDI (DIN, MOSI)", "MOSI"), ("SDO (DOUT, MISO)", "MISO"), ("SCK (CLK)", "SCLK"), ("CS", "C[SE]0")),
    "serial": (("TX", "RX[0-9]"), ("RX", "TX[0-9]")),
}


def table(header, rows):
    if not rows:
        return ""
    lines = ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]
    return "\n" + "\n".join(lines) + "\n"


def number(value):
    return f"{value:.6g}"


def code(text):
    return f"`{text}`"


def anchor(name):
    return f"[{name}](#{name})"


def board(name):
    text = (BOARDS / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def pin_of(header, function):
    """The first pin with that function, as (its number, its pad)."""
    for pin, entry in header.items():
        if any(re.fullmatch(function, name) for name in entry.get("functions", ())):
            return pin, entry["pad"]
    raise SystemExit(f"no pin of the header is {function}")


def wire(module_pin, function):
    found = [(b["title"].split(" (")[0].split(",")[0], *pin_of(b["header"], function)) for b in map(board, SHOWN_BOARDS)]
    pins = {pin for _, pin, _ in found}
    if len(pins) > 1:
        raise SystemExit(f"{function} is on different pins: {found}")
    pads = ", ".join(f"{title} {pad}" for title, _, pad in found)
    return f"{module_pin} to pin {found[0][1]} ({pads})"


def lines_of(driver):
    keys = [option["key"] for option in driver["options"] if option["type"] == "GPIO line"]
    return [f'{key} to any free pin, in the example {driver["example"].get(key, "none")}' for key in keys]


def wiring(driver):
    wires = [wire(*names) for names in WIRES.get(driver["bus"], ())] + lines_of(driver)
    parts = ["; ".join(wires)] if wires else []
    parts += [driver["wiring"]] if driver["wiring"] else []
    return "\nWiring: " + ". ".join(part[0].upper() + part[1:] for part in parts) + ".\n" if parts else ""


def addresses(driver):
    return f'\nAddresses: {", ".join(driver["addresses"])}.\n' if driver["addresses"] and not driver["models"] else ""


def chips(driver):
    names = [model["name"] for model in driver["models"]]
    return ", ".join(names) if names else driver["name"]


def overview(drivers):
    return table(["driver", "what", "bus", "chips"], [[anchor(d["name"]), d["summary"], d["bus"], chips(d)] for d in drivers])


def models(driver):
    if driver["kind"] == "GPIO expander":
        rows = [[code(m["name"]), " ".join(m["addresses"]), str(m["lines"]), m["summary"]] for m in driver["models"]]
        return table(["chip", "addresses", "lines", "which"], rows)
    rows = [[code(m["name"]), " ".join(m["addresses"]), " ".join(c["key"] for c in m["channels"])] for m in driver["models"]]
    return table(["chip", "addresses", "channels"], rows)


def channels(driver):
    rows = [[code(c["key"]), c["quantity"].replace("_", " "), c["unit"], f'{number(c["low"])} … {number(c["high"])}']
            for c in driver["channels"]]
    text = table(["channel", "quantity", "unit", "what the part can output"], rows)
    return text + ("\nThe channels are known from the device alone.\n" if driver["dynamic_channels"] else "")


def edges(driver):
    """What only sensors that are told by edges have."""
    text = ""
    if driver["events"]:
        text += f'\nEvents: {", ".join(code(event) for event in driver["events"])} ([inputs](inputs.md)).\n'
    if driver["settable"]:
        text += f'\nA number on its `command_topic` sets {code(driver["channels"][0]["key"])} ([inputs](inputs.md)).\n'
    return text


def options(driver):
    rows = []
    for option in driver["options"]:
        default = "required" if option["required"] else code(option["default"]) if option["default"] else ""
        rows.append([code(option["key"]), option["summary"].replace("|", "\\|"), option["type"], default])
    return table(["option", "what", "type", "default"], rows)


def usage(driver):
    if driver["kind"] != "GPIO expander":
        return ""
    first = driver["models"][0]
    return (f'\nIts lines are written as the `line` of another device, from `"{first["name"]}@i2c-1:{first["addresses"][0]}/0"` to '
            f'`/{first["lines"] - 1}`. Inputs, outputs, interrupt, wiring: [expanders.md](expanders.md).\n')


def section(driver):
    interval = f' Read every {driver["every"]}, at most every {driver["every_min"]}.' if "every" in driver else ""
    return (f'\n## {driver["name"]}\n\n{driver["summary"]}. {driver["kind"][0].upper() + driver["kind"][1:]}; bus: {driver["bus"]}.{interval}\n'
            f'Documents: {driver["datasheet"]}.\n' + wiring(driver) + addresses(driver) + models(driver) + usage(driver) + channels(driver) +
            edges(driver) + options(driver) +
            f'\n```json\n{json.dumps(driver["example"])}\n```\n')


def page(program):
    drivers = program_says(program, "drivers", "--json")
    return {"docs/drivers.md": HEAD + overview(drivers) + "".join(section(driver) for driver in drivers)}


if __name__ == "__main__":
    sys.exit(main(page))
