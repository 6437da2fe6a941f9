#!/usr/bin/env python3
"""Checks the rules of the tree that no compiler checks; docs/architecture.md says what they are for.

    rules.py ROOT     prints every violation as file:line: what, and ends with 1 when there is one
"""
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

# ── who may include whom ─────────────────────────────────────────────────────────────────────────────────────────────────────
# A folder may include itself, and what its line names: a folder ("drivers/api") or a single value header.
FLOW_VALUES = ("daemon/flow/derivation.hpp", "daemon/flow/filter.hpp", "daemon/flow/reading.hpp", "daemon/flow/command.hpp",
               "daemon/flow/target.hpp", "daemon/flow/rule.hpp")
CONFIG_VALUES = ("daemon/config/model.hpp", "daemon/config/broker_url.hpp")
STORE_PORTS = ("daemon/flow/kept_values.hpp", "daemon/mqtt/outbox_store.hpp", "daemon/mqtt/message.hpp", "daemon/mqtt/id_ranges.hpp",
               "daemon/io/file_descriptor.hpp")
LEAF = ("drivers/api", "drivers/engine")

ALLOWED = {
    "drivers/api": (),
    "drivers/engine": ("drivers/api",),
    "drivers/chips": LEAF,
    "drivers/expanders": LEAF,
    "drivers/kernel": LEAF,
    "drivers/pins": LEAF,
    "drivers/outputs": LEAF,
    "daemon/loop": (),
    "daemon/log": ("drivers/api",),
    "daemon/board": ("drivers/api",),
    "daemon/io": ("drivers/api", "daemon/board"),
    "daemon/sim": ("drivers/api", "daemon/board"),
    "daemon/flow": ("drivers/api", "daemon/loop", "daemon/log", *CONFIG_VALUES),
    "daemon/config": ("drivers/api", "daemon/board", *FLOW_VALUES),
    "daemon/mqtt": ("drivers/api", "daemon/loop", "daemon/log", "daemon/flow/clock.hpp", *FLOW_VALUES, *CONFIG_VALUES),
    "daemon/store": ("drivers/api", "daemon/loop", "daemon/log", *FLOW_VALUES, *CONFIG_VALUES, *STORE_PORTS),
    "daemon/dbus": ("drivers/api", "daemon/loop", "daemon/log", "daemon/config/reload_report.hpp", *FLOW_VALUES),
    "daemon/scan": ("drivers/api", "daemon/board", *CONFIG_VALUES),
}
UNBOUND = ("daemon/app", "daemon/cli", "daemon/main.cpp", "tests")

# ── which file may include which library ─────────────────────────────────────────────────────────────────────────────────────
LIBRARIES = {
    r"mqtt/|MQTT": ("Paho", r"daemon/mqtt/paho_\w+\.[ch]pp"),
    r"gpiod\.h": ("libgpiod", r"daemon/io/gpio_v\d\.cpp"),
    r"nlohmann/": ("nlohmann/json", r"daemon/(config|board|mqtt|app|cli|dbus|scan)/.*"),
    r"CLI/": ("CLI11", r"daemon/(cli/.*|main\.cpp)"),
    r"sqlite3\.h": ("SQLite", r"daemon/store/.*"),
    r"zlib\.h": ("zlib", r"daemon/store/.*"),
    r"systemd/": ("libsystemd", r"daemon/(loop|log|dbus|config|app|cli)/.*"),
}

# ── what no text of the project says ─────────────────────────────────────────────────────────────────────────────────────────
FORBIDDEN_TEXT = {
    r"(?<![\w.~/$}])(?<!\w\")/(work|root|home/\w+|Users/\w+)/": "an absolute path of somebody's machine",
    r"\b(registry\.npmjs\.org|pypi\.org|index\.crates\.io|proxy\.golang\.org|rubygems\.org|deb\.debian\.org"
    r"|files\.pythonhosted\.org)\b": "the host name of a package registry",
}

CODE = {".cpp", ".hpp", ".h", ".c"}
TEXT = CODE | {".py", ".txt", ".cmake", ".json", ".md", ".in", ".service", ".conf", ".sh", ""}
TABS = re.compile(r"debian/rules|.*\.c")  # make needs them; C is the kernel's, in the kernel's style
DRIVER_FOLDERS = ("drivers/chips/", "drivers/expanders/", "drivers/kernel/", "drivers/pins/", "drivers/outputs/")
HERE = "tests/rules/"  # names what it forbids
SKIPPED = {".git", "build"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


class Violation(NamedTuple):
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def folder_of(path: str) -> str:
    """drivers/chips/climate/lm75.cpp -> drivers/chips"""
    return "/".join(path.split("/")[:2])


def may_include(path: str, target: str) -> bool:
    if path.startswith(UNBOUND):
        return True
    folder, wanted = folder_of(path), folder_of(target)
    if folder.startswith("drivers") and folder not in ("drivers/api", "drivers/engine") and wanted == folder:
        return False  # a driver is one file
    return wanted == folder or wanted in ALLOWED.get(folder, ()) or target in ALLOWED.get(folder, ())


def check_includes(path: str, lines: list[str]) -> Iterator[Violation]:
    if not path.startswith(("drivers/", "daemon/")):
        return
    if folder_of(path) not in ALLOWED and not path.startswith(UNBOUND):
        yield Violation(path, 1, f"{folder_of(path)} has no row in the table of tests/rules/rules.py")
        return
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match[1] or match[2]
        if match[1] and not target.startswith(("drivers/", "daemon/")):
            yield Violation(path, number, f'"{target}": our files are included by their path from the root')
        elif match[1] and not may_include(path, target):
            yield Violation(path, number, f"{folder_of(path)} may not know {target}")
        for pattern, (library, place) in LIBRARIES.items():
            if match[2] and re.match(pattern, target) and not re.fullmatch(place, path):
                yield Violation(path, number, f"{library} may be included in {place} alone")


def check_driver(path: str, lines: list[str]) -> Iterator[Violation]:
    if not path.startswith(DRIVER_FOLDERS):
        return
    if not path.endswith(".cpp"):
        yield Violation(path, 1, "a driver is one .cpp file")
        return
    found = [(number, match[1]) for number, line in enumerate(lines, 1) if (match := re.match(r"B2M_DRIVER\((\w+)\)", line))]
    stem = Path(path).stem
    if len(found) != 1:
        yield Violation(path, 1, f"has {len(found)} B2M_DRIVER; exactly one is needed")
    elif found[0][1] != stem:
        yield Violation(path, found[0][0], f"B2M_DRIVER({found[0][1]}) must be named like its file, {stem}")


def check_table_templates(path: str, lines: list[str]) -> Iterator[Violation]:
    """GCC 14 gives a template over a table of an unnamed namespace the same weak symbol in every file: one driver gets the other's."""
    for number, line in enumerate(lines, 1):
        if re.match(r"\s*template <.*\bauto&.*>", line) and not re.match(r"\s*static\b", lines[number] if number < len(lines) else ""):
            yield Violation(path, number, "a template over an object by reference must be static")


NAMESPACE = re.compile(r"^namespace ([\w:]+) \{")
TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)(?: final)?(?: : .*)? \{")


class TypeNames:
    """Two types of one name in a namespace are one to the linker: it takes the members of whichever it finds first."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], str] = {}

    def check(self, path: str, text: str) -> Iterator[Violation]:
        if not path.startswith(("drivers/", "daemon/")) or not path.endswith(".hpp"):
            return
        namespace = ""
        for number, line in enumerate(text.split("\n"), 1):
            if match := NAMESPACE.match(line):
                namespace = match[1]
            elif match := TYPE.match(line):
                place = self.places.setdefault((namespace, match[1]), path)
                if place != path:
                    yield Violation(path, number, f"{namespace}::{match[1]} is another type in {place}")


def check_text(path: str, lines: list[str]) -> Iterator[Violation]:
    own = path.startswith(HERE)
    for number, line in enumerate(lines, 1):
        if line != line.rstrip(" \t\r"):
            yield Violation(path, number, "blanks at the end of the line")
        if "\t" in line and not TABS.fullmatch(path):
            yield Violation(path, number, "a tab")
        for pattern, what in () if own else FORBIDDEN_TEXT.items():
            if match := re.search(pattern, line):
                yield Violation(path, number, f"{what}: {match[0]}")


def check_file(path: str, text: str) -> list[Violation]:
    lines = text.split("\n")
    violations: list[Violation] = []
    if Path(path).suffix in CODE:
        violations += check_includes(path, lines)
        violations += check_driver(path, lines)
        violations += check_table_templates(path, lines)
    violations += check_text(path, lines)
    if text and not text.endswith("\n"):
        violations.append(Violation(path, len(lines), "no line end at the end of the file"))
    return violations


def files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.is_symlink() or path.name in SKIPPED or path.name == "__pycache__":
            continue
        if path.is_dir():
            yield from files(path)
        elif path.suffix in TEXT:
            yield path


def main(root: Path) -> int:
    count = 0
    violations: list[Violation] = []
    types = TypeNames()
    for file in files(root):
        count += 1
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
        path = file.relative_to(root).as_posix()
        violations += check_file(path, text)
        violations += types.check(path, text)
    for violation in violations:
        print(violation)
    print(f"{count} files, {len(violations)} violations")
    return 1 if violations or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
