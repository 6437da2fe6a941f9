"""What a wrong command line is answered with. Usage: command_line_test.py PROGRAM"""

import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)


class CommandLine(unittest.TestCase):
    def said(self, *words):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        return done.stderr

    def test_a_mistyped_subcommand_is_named_with_the_one_that_was_meant(self):
        self.assertEqual(self.said("chek"), 'board2mqtt: there is no subcommand "chek"; did you mean "check"?\n')

    def test_a_subcommand_unlike_any_points_to_the_help(self):
        self.assertEqual(self.said("banana"),
                         'board2mqtt: there is no subcommand "banana"; `board2mqtt --help` shows what there is\n')

    def test_a_mistyped_option_is_named_with_the_one_that_was_meant(self):
        self.assertEqual(self.said("run", "--conifg", "x.json"),
                         'board2mqtt: board2mqtt run has no option --conifg; did you mean "--config"?\n')

    def test_a_word_too_many_is_named(self):
        self.assertIn('board2mqtt check does not know what "x.json" is for', self.said("check", "x.json"))

    def test_what_is_missing_is_named(self):
        self.assertIn("subcommand is required", self.said())
        self.assertIn("VALUE is required", self.said("set", "fan"))
        self.assertIn("--config", self.said("check", "--config"))

    def test_help_and_version_are_no_mistakes(self):
        for words in (["--help"], ["--version"], ["check", "--help"]):
            done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout)

    def test_a_driver_that_is_not_there_is_said_with_the_way_out(self):
        self.assertEqual(self.said("drivers", "relay"), 'there is no driver "relay"; did you mean "switch"?\n')
        self.assertEqual(self.said("drivers", "banana"), 'there is no driver "banana"; `board2mqtt drivers` lists all\n')


if __name__ == "__main__":
    unittest.main()
