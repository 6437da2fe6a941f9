#!/usr/bin/env python3
"""Writes the test programs of other build trees as entries for ctest.

    list.py OUTPUT PREFIX=BUILD_FOLDER[:NAMES] ...      NAMES: a regular expression that the tests' names begin with
"""
import json
import re
import subprocess
import sys
from pathlib import Path

SLOWER = 5  # than without sanitizers, at most
KEPT = ("WORKING_DIRECTORY", "ENVIRONMENT", "SKIP_RETURN_CODE", "RUN_SERIAL", "RESOURCE_LOCK", "WILL_FAIL")
LEFT_OUT = {"slow", "vm", "long", "bench"}


def quote(value: object) -> str:
    if isinstance(value, list):
        value = ";".join(map(str, value))
    return f"[==[{'TRUE' if value is True else value}]==]"


def entries(prefix: str, folder: Path, names: str) -> list[str]:
    listing = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"], check=True, capture_output=True, text=True)
    lines = []
    for test in json.loads(listing.stdout)["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        command = test.get("command", [])
        ours = command and Path(command[0]).is_relative_to(folder)  # a program that the sanitizer has changed
        labels = properties.get("LABELS", [])
        if not ours or LEFT_OUT & set(labels) or not re.match(names, test["name"]):
            continue
        name = f"{prefix}.{test['name']}"
        kept = {key: properties[key] for key in KEPT if key in properties}
        kept |= {"LABELS": [*labels, prefix], "TIMEOUT": float(properties.get("TIMEOUT", 60)) * SLOWER}
        lines.append(f"add_test({name} {' '.join(map(quote, command))})")
        lines.append(f"set_tests_properties({name} PROPERTIES {' '.join(f'{key} {quote(value)}' for key, value in kept.items())})")
    return lines


def main(output: str, *trees: str) -> int:
    lines = []
    for tree in trees:
        prefix, _, rest = tree.partition("=")
        folder, _, names = rest.partition(":")
        found = entries(prefix, Path(folder).resolve(), names)
        if not found:
            print(f"no tests in {folder}", file=sys.stderr)
            return 1
        lines += found
    Path(output).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
