#!/usr/bin/python3
"""Stores readings, because a broker does not: subscribes and writes each value as a row of a SQLite database or a CSV file.

    store_readings.py readings.db '/public/walnutpi/#' 'board2mqtt/+/climate'
    store_readings.py --host broker.lan --username me --password-file secret readings.csv 'board2mqtt/#'
    sqlite3 readings.db "SELECT time, value FROM readings WHERE name LIKE '%temperature' ORDER BY time DESC LIMIT 10"

It understands board2mqtt's payloads "json", "senml", "influx" and "value". Needs python3-paho-mqtt. While it is away the
broker keeps what comes, up to the broker's own limit.
"""

import argparse
import contextlib
import csv
import datetime
import json
import re
import sqlite3
import sys
import time
from pathlib import Path

from paho.mqtt import client as mqtt

COLUMNS = ("time", "topic", "name", "value", "unit")


def iso(seconds):
    """Unix seconds as 2026-11-21T03:04:05.678Z, whose order as text is that of time."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_senml(pack, now):
    """RFC 8428, 4.6: base values go on until another comes; a time below 2**28 is relative to now."""
    base = {}
    for record in pack:
        base.update({label: record[label] for label in ("bn", "bt", "bu", "bv", "bver") if label in record})
        unknown = [label for label in record if label.endswith("_")]
        if base.get("bver", 10) > 10 or unknown:
            raise ValueError("SenML of a later version")
        moment = base.get("bt", 0) + record.get("t", 0)
        value = record["v"] + base.get("bv", 0) if "v" in record else record.get("vb", record.get("vs"))
        yield (iso(moment if moment >= 2**28 else now + moment), base.get("bn", "") + record.get("n", ""), value,
               record.get("u", base.get("bu", "")))


def from_json(reading, now):
    """A channel that failed is null: there is nothing to store. What the gateway tells of itself has parts, which are left out."""
    moment = reading["time"] if "time" in reading and "clock" not in reading else iso(now)
    for name, value in reading.items():
        if name not in ("time", "clock") and isinstance(value, (bool, int, float, str)):
            yield moment, name, value, ""


def from_line(line, now):
    """InfluxDB's line protocol. A comma, space or equals sign of a name has a backslash before it."""
    series, fields, *timestamp = re.split(r"(?<!\\) ", line)
    measurement = re.split(r"(?<!\\),", series)[0]
    moment = iso(int(timestamp[0]) / 1e9 if timestamp else now)
    for field in re.split(r"(?<!\\),", fields):
        key, value = re.split(r"(?<!\\)=", field)
        name = re.sub(r"\\([,= ])", r"\1", f"{measurement}/{key}")
        yield moment, name, value == "true" if value in ("true", "false") else float(value), ""


def rows(text, now):
    """(time, name, value, unit) of each value in a payload; a bare value has no name."""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if isinstance(content, list):
        return list(from_senml(content, now))
    if isinstance(content, dict):
        return list(from_json(content, now))
    try:
        return list(from_line(text, now))
    except ValueError:
        return [(iso(now), "", text if content is None else content, "")]


class SqliteStore:
    """What the broker sends twice, as it may at QoS 1, is one row."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, check_same_thread=False)
        self.database.execute(f"CREATE TABLE IF NOT EXISTS readings ({', '.join(COLUMNS)}, PRIMARY KEY (topic, name, time))")

    def add(self, lines):
        with self.database:
            self.database.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?, ?)", lines)


class CsvStore:
    def __init__(self, path):
        self.file = open(path, "a", newline="", encoding="utf-8")
        self.writer = csv.writer(self.file)
        if self.file.tell() == 0:
            self.writer.writerow(COLUMNS)

    def add(self, lines):
        self.writer.writerows(lines)
        self.file.flush()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--username")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--client-id", default="store-readings", help="by which the broker knows what to keep; each client its own")
    parser.add_argument("file", help="ends with .csv, else it is a SQLite database")
    parser.add_argument("topic", nargs="+", help="topic or filter")
    return parser.parse_args()


def main():
    args = arguments()
    store = CsvStore(args.file) if args.file.endswith(".csv") else SqliteStore(args.file)
    version = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []  # since 2.0 of the library
    client = mqtt.Client(*version, client_id=args.client_id, clean_session=False)
    if args.username:
        client.username_pw_set(args.username, args.password_file.read_text().strip() if args.password_file else None)

    def on_connect(client, _data, _flags, code):
        if code != 0:
            return print(f"the broker refuses: {mqtt.connack_string(code)}", file=sys.stderr)
        client.subscribe([(topic, 1) for topic in args.topic])

    def on_message(_client, _data, message):
        try:
            lines = rows(message.payload.decode(), time.time())
            store.add([(moment, message.topic, name, value, unit) for moment, name, value, unit in lines])
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            print(f"{message.topic}: {message.payload!r} is not stored: {error}", file=sys.stderr)

    client.on_connect, client.on_message = on_connect, on_message
    client.connect_async(args.host, args.port)
    print(f"storing in {args.file} what comes from {args.host}:{args.port}; Ctrl+C ends it", file=sys.stderr)
    with contextlib.suppress(KeyboardInterrupt):
        client.loop_forever(retry_first_connection=True)


if __name__ == "__main__":
    main()
