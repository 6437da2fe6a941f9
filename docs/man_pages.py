#!/usr/bin/env python3
"""Makes the man pages in deploy/man from what the program says of its command line, its configuration and its drivers.

    docs/man_pages.py PROGRAM           writes the pages
    docs/man_pages.py PROGRAM --check   ends with 1 when a page there is another one
"""
import json
import re
import sys

from made_files import ROOT, main, program_says

# What the value of an option is, where its type does not say it.
PLACEHOLDERS = {"--config": "FILE", "--state": "DIR", "--bus": "BUS", "--board": "NAME"}
EXIT_CODES = ((0, "done"), (1, "failed at run time, or refused"), (2, "wrong command line"),
              (78, "the configuration is wrong; the unit does not start the daemon again"))
FILES = (("/etc/board2mqtt/board2mqtt.json", "the configuration, see board2mqtt.json(5)"),
         ("/etc/board2mqtt/conf.d/*.json", "merged over it, in the order of their names"),
         ("/var/lib/board2mqtt", "readings that wait for the broker, counters, states"),
         ("/usr/share/board2mqtt/board2mqtt.schema.json", "JSON Schema of the configuration, for editors"))
ENVIRONMENT = (("STATE_DIRECTORY", "the directory of what outlives the daemon, as systemd sets it; --state has precedence"),
               ("XDG_STATE_HOME", "where that directory is looked for without systemd; ~/.local/state if unset"),
               ("DBUS_SYSTEM_BUS_ADDRESS, DBUS_SESSION_BUS_ADDRESS", "where the buses are, if not in the usual place"),
               ("NO_COLOR", "if set and not empty, nothing is coloured"))


def text(words):
    """Plain words as roff: no character is a command."""
    words = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    words = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in words)
    return "\n".join("\\&" + line if line.startswith((".", "\\(aq")) else line for line in words.split("\n"))


def bold(words):
    return f"\\fB{text(words)}\\fR"


def italic(words):
    return f"\\fI{text(words)}\\fR"


def item(head, words):
    return f".TP\n{head}\n{words}\n"


def literal(words):
    return f".PP\n.nf\n.RS\n{text(words)}\n.RE\n.fi\n"


def day_and_version():
    """Of the newest entry of the package's changelog: the pages of one version are always the same."""
    changelog = (ROOT / "debian/changelog").read_text(encoding="utf-8")
    version = re.match(r"board2mqtt \(([^)-]+)", changelog)[1]
    day, month, year = re.search(r"^ -- .*>  \w+, (\d+) (\w+) (\d+)", changelog, re.MULTILINE).groups()
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return f"{year}-{months.index(month) + 1:02}-{int(day):02}", version


def head(name, section, summary):
    day, version = day_and_version()
    return (f'.\\" Made by docs/man_pages.py from what the program says of itself.\n.TH {name.upper()} {section} "{day}" "board2mqtt {version}" '
            f'"board2mqtt"\n.SH NAME\n{text(name)} \\- {text(summary)}\n')


# ── board2mqtt(1) ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

def argument(option):
    """What stands for a value: --state DIR"""
    for name in option["names"]:
        if name in PLACEHOLDERS:
            return PLACEHOLDERS[name]
    return option["value"]


def spelled(option):
    names = ", ".join(bold(name) for name in option["names"])
    return names + (" " + italic(argument(option)) if option["value"] else "")


def synopsis(command):
    parts = [bold("board2mqtt"), bold(command["name"]), "[" + italic("option") + " ...]"]
    for option in command["options"]:
        if option["positional"]:
            name = italic(option["positional"].upper()) + (" ..." if option["many"] else "")
            parts.append(name if option["required"] else f"[{name}]")
    return " ".join(parts)


def described(option):
    words = text(option["description"])
    return words + (f" (default {text(option['default'])})" if option["default"] else "")


def command_section(command):
    page = f".SS {text(command['name'])}\n{synopsis(command)}\n.PP\n{text(command['description'])}.\n"
    for option in command["options"]:
        if option["positional"]:
            page += item(italic(option["positional"].upper()), described(option))
        elif "--help" not in option["names"]:
            page += item(spelled(option), described(option))
    if command["notes"]:
        page += literal(command["notes"])
    return page


def program_page(program):
    line = program_says(program, "command-line")
    page = head("board2mqtt", 1, line["description"][0].lower() + line["description"][1:])
    page += ".SH SYNOPSIS\n" + bold("board2mqtt") + " " + italic("command") + " [" + italic("option") + " ...]\n"
    page += (".SH DESCRIPTION\n" + text(
        "Reads the sensors of a Linux board and publishes them over MQTT; takes commands over MQTT and switches outputs. The daemon is "
        "the command run, normally started by systemd as board2mqtt.service; status, set and reload talk to it over D-Bus.") + "\n")
    page += ".SH OPTIONS\n"
    for option in line["options"]:
        page += item(spelled(option), described(option))
    page += ".SH COMMANDS\nEach command has " + bold("--help") + ".\n"
    for command in line["subcommands"]:
        page += command_section(command)
    page += ".SH EXIT STATUS\n" + "".join(item(bold(str(code)), text(words)) for code, words in EXIT_CODES)
    page += ".SH ENVIRONMENT\n" + "".join(item(bold(name), text(words)) for name, words in ENVIRONMENT)
    page += ".SH FILES\n" + "".join(item(italic(name), text(words)) for name, words in FILES)
    page += ".SH EXAMPLES\nWhat is wired, and a configuration for it:\n" + literal("board2mqtt scan")
    page += ".PP\nTry a configuration on a simulated board:\n" + literal("board2mqtt run --config my.json --simulate")
    page += ".PP\nSwitch a fan on for five minutes:\n" + literal("board2mqtt set fan '{\"state\":\"ON\",\"for\":\"5min\"}'")
    page += ".SH SEE ALSO\n" + bold("board2mqtt.json") + "(5), " + bold("systemctl") + "(1), " + bold("journalctl") + "(1), " + bold("busctl") + "(1)\n"
    return page


# ── board2mqtt.json(5) ─────────────────────────────────────────────────────────────────────────────────────────────────────────

DURATION = "[.][0-9]+) *(ns|us|ms|s|min|h|d)$"


def kind(row):
    """The type of a key in a word or two."""
    if "enum" in row:
        return "one of " + ", ".join(json.dumps(value) for value in row["enum"])
    if "anyOf" in row:
        return " or ".join(dict.fromkeys(kind(choice) for choice in row["anyOf"]))
    if "$ref" in row:
        return "see below"
    if row.get("pattern", "").endswith(DURATION):
        return "duration"
    if row.get("type") == "array":
        return "list"
    return row["type"] if isinstance(row["type"], str) else " or ".join(row["type"])


def bounds(row):
    low, high = row.get("minimum"), row.get("maximum")
    if low is None and high is None:
        return ""
    return f", from {low:g}" + (f" to {high:g}" if high is not None else "") if low is not None else f", to {high:g}"


def key_item(key, row):
    facts = [kind(row) + bounds(row)] if kind(row) != "see below" else []
    if "default" in row:
        facts.append("default " + (row["default"] if isinstance(row["default"], str) else json.dumps(row["default"])))
    words = row.get("description", "")
    return item(bold(key), text(words + (f" ({'; '.join(facts)})" if facts else "")))


def keys_of(rows, left_out=()):
    return "".join(key_item(key, row) for key, row in rows.items() if key not in left_out)


def common_keys(definitions, drivers, section):
    """The keys that are no driver's own, in the order in which the drivers of a section have them."""
    shared = definitions[section]["properties"]
    own = {option["key"] for driver in drivers for option in driver["options"]} - shared.keys()
    keys = {}
    for driver in drivers:
        definition = definitions.get("driver_" + driver["name"])
        if definition is None or (driver["kind"] == "actuator") != (section == "actuator"):
            continue
        for key, row in definition["properties"].items():
            if key not in own:
                keys[key] = shared.get(key) or definitions.get(row.get("$ref", "").rpartition("/")[2], row)
    return {**keys, "driver": {"type": "string", "description": shared["driver"]["description"]}}


def configuration_page(program):
    schema = program_says(program, "schema")
    drivers = program_says(program, "drivers", "--json")
    definitions = schema["$defs"]
    page = head("board2mqtt.json", 5, "configuration of board2mqtt")
    page += ".SH SYNOPSIS\n" + italic("/etc/board2mqtt/board2mqtt.json") + "\n.br\n" + italic("/etc/board2mqtt/conf.d/*.json") + "\n"
    page += ".SH DESCRIPTION\n" + text(
        "One JSON object; // and /* */ comments are allowed. The files of conf.d are merged over it in the order of their names. "
        "A duration is a string with a unit (ns, us, ms, s, min, h, d), a size likewise. Unknown keys are errors. "
        "The command board2mqtt check reports every problem in one run, with file, line and column; "
        "board2mqtt reload takes a changed configuration into the running daemon.") + "\n"
    page += ".PP\nIn topics and the client id stand for what they say: " + text(
        "{name} {hostname} {machine_id} {base} {sensor} {actuator} {channel}.") + "\n"
    page += ".SH TOP LEVEL\n" + keys_of(schema["properties"])
    sections = (("MQTT", "mqtt", "mqtt"), ("TLS", "tls", "mqtt/tls"), ("LOGIN", "login", "mqtt/login"),
                ("WILL AND BIRTH", "will", "mqtt/will and mqtt/birth"), ("RECONNECT", "reconnect", "mqtt/reconnect"),
                ("OUTBOX", "outbox", "outbox"), ("HOME ASSISTANT", "homeassistant", "homeassistant"))
    for title, name, place in sections:
        page += f".SH {title}\nThe keys of {text(place)}.\n" + keys_of(definitions[name]["properties"])
    page += ".SH SENSORS\nAn object with an entry for each sensor; its key is the id. Besides the options of its driver:\n"
    page += keys_of(common_keys(definitions, drivers, "sensor"))
    page += ".SS channels\nAn object with an entry for each channel that is to differ.\n" + keys_of(definitions["channel"]["properties"])
    page += ".SS filters\nA list of objects with one key each, applied in order.\n" + keys_of(definitions["filters"]["items"]["properties"])
    page += ".SH ACTUATORS\nAn object with an entry for each actuator; its key is the id. Besides the options of its driver:\n"
    page += keys_of(common_keys(definitions, drivers, "actuator"))
    page += ".SS on_broker_lost\n" + keys_of(definitions["on_broker_lost"]["properties"])
    page += ".SS ack\n" + keys_of(definitions["ack"]["properties"])
    page += ".SH RULES\nA list of objects.\n" + keys_of(definitions["rule"]["properties"])
    page += ".SH DRIVERS\nWhat each one takes and measures: " + bold("board2mqtt drivers") + " " + italic("NAME") + ".\n"
    page += "".join(item(bold(driver["name"]), text(driver["summary"])) for driver in drivers)
    page += ".SH EXAMPLES\nA Raspberry Pi:\n" + literal((ROOT / "configs/examples/raspberry-pi.json").read_text(encoding="utf-8").rstrip())
    page += ".SH SEE ALSO\n" + bold("board2mqtt") + "(1)\n"
    return page


def pages(program):
    return {"deploy/man/board2mqtt.1": program_page(program), "deploy/man/board2mqtt.json.5": configuration_page(program)}


if __name__ == "__main__":
    sys.exit(main(pages))
