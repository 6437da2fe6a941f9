"""What the scripts have in common that make files from what the program says."""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def program_says(program, *arguments):
    return json.loads(subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout)


def main(made):
    """The command line of a script: PROGRAM [--check]. `made` gives the content of each file, by its path in the tree."""
    program, *flags = sys.argv[1:]
    status = 0
    for name, content in made(program).items():
        path = ROOT / name
        if flags != ["--check"]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            print(f"{name} is out of date; make it anew: docs/{Path(sys.argv[0]).name} PROGRAM")
            status = 1
    return status
