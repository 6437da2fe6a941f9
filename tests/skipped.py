#!/usr/bin/env python3
"""Says why tests were skipped: the last line that each of them wrote.

    skipped.py JUNIT_FILE
"""
import sys
import xml.etree.ElementTree as ElementTree

for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    if case.find("skipped") is None:
        continue
    lines = [line.strip() for line in (case.findtext("system-out") or "").splitlines() if line.strip()]
    print(f"skipped: {case.get('name')}: {lines[-1].removeprefix('skipped: ') if lines else case.find('skipped').get('message')}")
