#!/usr/bin/env python3
"""Checks that the driver shown in docs/adding-a-driver.md is the real one.

    example_driver_test.py ROOT
"""
import re
import sys
from pathlib import Path


def main():
    root = Path(sys.argv[1])
    page = (root / "docs/adding-a-driver.md").read_text(encoding="utf-8")
    shown = re.search(r"`(drivers/\S+\.cpp)`:\n\n```cpp\n(.*?)```\n", page, re.DOTALL)
    if not shown:
        print("docs/adding-a-driver.md shows no driver")
        return 1
    path, text = shown.groups()
    if (root / path).read_text(encoding="utf-8") != text:
        print(f"docs/adding-a-driver.md does not show {path} as it is: copy it again")
        return 1
    missing = [name for name in re.findall(r"`((?:climate|light|motion|dust|pressure)/\w+\.cpp)`", page)
               if not (root / "drivers/chips" / name).exists()]
    if missing:
        print(f"docs/adding-a-driver.md names files that are not there: {', '.join(missing)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
