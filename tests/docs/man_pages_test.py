"""The man pages are well formed, and say what the program says. Usage: man_pages_test.py SOURCE_DIR"""

import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1))
PAGES = sorted((ROOT / "deploy/man").iterdir())


def complaints(*command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return result.returncode, result.stderr + (result.stdout if command[0] == "mandoc" else "")


class ManPages(unittest.TestCase):
    def test_there_are_two(self):
        self.assertEqual([page.name for page in PAGES], ["board2mqtt.1", "board2mqtt.json.5"])

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_nothing_to_warn_of(self):
        for page in PAGES:
            self.assertEqual(complaints("groff", "-ww", "-man", "-Tutf8", "-z", page), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_has_nothing_to_warn_of(self):
        for page in PAGES:
            self.assertEqual(complaints("mandoc", "-Tlint", "-Wwarning", page), (0, ""))

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_examples_can_be_copied_from_the_page(self):
        """No quote or hyphen has become a typographic one: a reader may paste the configuration."""
        shown = subprocess.run(["groff", "-man", "-Tutf8", "-P-cbou", PAGES[1]], capture_output=True, text=True).stdout
        example = (ROOT / "configs/examples/raspberry-pi.json").read_text(encoding="utf-8")
        lines = [line.strip() for line in shown.splitlines()]
        for line in example.splitlines():
            if line.strip():
                self.assertIn(line.strip(), lines)

    def test_every_top_level_key_has_its_place(self):
        schema = json.loads((ROOT / "configs/board2mqtt.schema.json").read_text(encoding="utf-8"))
        page = PAGES[1].read_text(encoding="utf-8")
        for key in schema["properties"]:
            self.assertIn(f"\\fB{key}\\fR", page)

    def test_nothing_is_named_without_a_word_about_it(self):
        for page in PAGES:
            items = page.read_text(encoding="utf-8").split("\n.TP\n")[1:]
            self.assertEqual([item for item in items if not item.split("\n")[1].strip()], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
