"""The completions offer what --help tells, in the shells themselves. Usage: completions_test.py PROGRAM SOURCE_DIR"""

import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

PROGRAM = sys.argv.pop(1)
COMPLETION = Path(sys.argv.pop(1)) / "deploy/completion"


def told(*command):
    return subprocess.run([PROGRAM, *command, "--help"], check=True, capture_output=True, text=True).stdout


def commands():
    return re.findall(r"^  ([a-z]\S*)", told().split("Subcommands:")[1], re.MULTILINE)


def options(command):
    """The long ones; the first column of the lines below Options:."""
    lines = told(command).split("Options:")[1].splitlines()
    return {name for line in lines if line.startswith("  -") for name in re.findall(r"--[a-z-]+", line.split("  ")[1])}


def shell(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert not result.stderr, result.stderr
    return result.stdout.split("\n")


class Completions(unittest.TestCase):
    def bash(self, *words):
        quoted = " ".join(f"'{word}'" for word in words)
        return shell("bash", "--norc", "-c", f"source {COMPLETION}/board2mqtt; COMP_WORDS=(board2mqtt {quoted}); COMP_CWORD={len(words)}; "
                     "_board2mqtt; printf '%s\\n' \"${COMPREPLY[@]}\"")

    def fish(self, typed):
        return [line.split("\t")[0] for line in
                shell("fish", "--no-config", "-c", f"source {COMPLETION}/board2mqtt.fish; complete -C '{typed}'")]

    def zsh(self, command):
        """What the function hands to zsh's own _arguments for this command."""
        stubs = ("_describe() { print -l -- ${(P)2} }; _arguments() { if [[ $1 == -C ]]; then "
                 f"state={'argument' if command else 'command'}; line=({command}); else print -l -- \"$@\"; fi }}; ")
        return shell("zsh", "-f", "-c", f"{stubs} source {COMPLETION}/_board2mqtt")

    def test_bash_offers_every_command_and_option_of_help(self):
        self.assertLessEqual(set(commands()), set(self.bash("")))
        for command in commands():
            self.assertLessEqual(options(command), set(self.bash(command, "--")), command)

    def test_bash_offers_the_words_that_a_value_can_be(self):
        self.assertEqual(self.bash("status", "--bus", "s"), ["system", "session", ""])
        self.assertIn("TOGGLE", self.bash("set", "fan", "T"))

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_offers_every_command_and_option_of_help(self):
        self.assertLessEqual(set(commands()), set(self.fish("board2mqtt ")))
        for command in commands():
            self.assertLessEqual(options(command), set(self.fish(f"board2mqtt {command} --")), command)
        self.assertEqual(set(self.fish("board2mqtt status --bus s")), {"system", "session", ""})

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_offers_every_command_and_option_of_help(self):
        offered = {line.split(":")[0] for line in self.zsh("")}
        self.assertLessEqual(set(commands()), offered)
        for command in commands():
            offered = set(re.findall(r"--[a-z-]+", "\n".join(line.split("[")[0] for line in self.zsh(command))))
            self.assertLessEqual(options(command), offered, command)


if __name__ == "__main__":
    unittest.main(verbosity=2)
