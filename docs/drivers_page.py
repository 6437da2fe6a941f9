#!/usr/bin/env python3
"""Makes docs/drivers.md from what the program says of its drivers.

    docs/drivers_page.py PROGRAM           writes the page beside this script
    docs/drivers_page.py PROGRAM --check   ends with 1 when the page there is another one
"""
import json
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("drivers.md")

HEAD = """# Drivers

Made from the drivers' own descriptions by `docs/drivers_page.py`; `board2mqtt drivers NAME` says the same of one. A `driver` in the
configuration is a driver's name or that of a chip. Every sensor also has `every` (unless edges or another sensor tell it), `topic`,
`payload`, `qos`, `retain`, `channels`, `filters`, `expire_after`, and `derive` with `altitude_m` ([derived.md](derived.md)); every actuator `topic`, `command_topic`, `result_topic`, `initial`, `on_exit` and `accept_retained`.
To add one: [architecture.md](architecture.md#how-to-add-a-driver).
"""


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


def chips(driver):
    names = [model["name"] for model in driver["models"]]
    return ", ".join(names) if names else driver["name"]


def overview(drivers):
    return table(["driver", "what", "bus", "chips"], [[anchor(d["name"]), d["summary"], d["bus"], chips(d)] for d in drivers])


def models(driver):
    rows = [[code(m["name"]), " ".join(m["addresses"]), " ".join(c["key"] for c in m["channels"])] for m in driver["models"]]
    return table(["chip", "addresses", "channels"], rows)


def channels(driver):
    rows = [[code(c["key"]), c["quantity"].replace("_", " "), c["unit"], f'{number(c["low"])} … {number(c["high"])}']
            for c in driver["channels"]]
    text = table(["channel", "quantity", "unit", "what the part can output"], rows)
    return text + ("\nThe channels are known from the device alone.\n" if driver["dynamic_channels"] else "")


def options(driver):
    rows = []
    for option in driver["options"]:
        default = "required" if option["required"] else code(option["default"]) if option["default"] else ""
        rows.append([code(option["key"]), option["summary"].replace("|", "\\|"), option["type"], default])
    return table(["option", "what", "type", "default"], rows)


def section(driver):
    interval = f' Read every {driver["every"]}, at most every {driver["every_min"]}.' if "every" in driver else ""
    return (f'\n## {driver["name"]}\n\n{driver["summary"]}. {driver["kind"].capitalize()}; bus: {driver["bus"]}.{interval}\n'
            f'Documents: {driver["datasheet"]}.\n' + models(driver) + channels(driver) + options(driver) +
            f'\n```json\n{json.dumps(driver["example"])}\n```\n')


def main():
    program, *flags = sys.argv[1:]
    said = subprocess.run([program, "drivers", "--json"], check=True, capture_output=True, text=True).stdout
    drivers = json.loads(said)
    page = HEAD + overview(drivers) + "".join(section(driver) for driver in drivers)
    if flags != ["--check"]:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        print("docs/drivers.md is out of date; make it anew: docs/drivers_page.py PROGRAM")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
