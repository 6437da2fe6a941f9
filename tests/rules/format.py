#!/usr/bin/env python3
"""Lists the source files whose layout is not what .clang-format says.

    format.py ROOT     ends with 1 when there are such files, with 77 when there is no clang-format
"""
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def main(root: Path) -> int:
    clang_format = shutil.which("clang-format")
    if not clang_format:
        print("skipped: clang-format is not installed")
        return 77
    sources = sorted(path for folder in ("drivers", "daemon", "tests") for suffix in ("*.cpp", "*.hpp")
                     for path in (root / folder).rglob(suffix))

    def complaints(path: Path) -> int:
        run = subprocess.run([clang_format, "--dry-run", "-Werror", path], capture_output=True, text=True, check=False)
        return run.stderr.count("[-Wclang-format-violations]") or (1 if run.returncode else 0)

    with ThreadPoolExecutor(max_workers=2) as pool:
        offenders = [(path, count) for path, count in zip(sources, pool.map(complaints, sources)) if count]
    for path, count in offenders:
        print(f"{path.relative_to(root)}: {count} places")
    print(f"{len(sources)} files, {len(offenders)} to format (clang-format -i FILE)")
    return 1 if offenders or not sources else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
