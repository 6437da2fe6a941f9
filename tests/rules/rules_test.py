#!/usr/bin/env python3
"""Feeds the rules snippets that break them, and some that do not."""
import tempfile
import unittest
from pathlib import Path

import rules


def found(path: str, text: str) -> list[str]:
    return [violation.what for violation in rules.check_file(path, text)]


class Rules(unittest.TestCase):
    def broken(self, path: str, text: str, word: str) -> None:
        self.assertTrue(any(word in what for what in found(path, text)), f"{path}: {text!r} is let pass: {found(path, text)}")

    def kept(self, path: str, text: str) -> None:
        self.assertEqual(found(path, text), [])

    def test_a_driver_knows_neither_the_daemon_nor_another_driver(self):
        driver = "\nB2M_DRIVER(lm75) = {\n};\n"
        self.kept("drivers/chips/climate/lm75.cpp", '#include "drivers/engine/register_map.hpp"' + driver)
        self.broken("drivers/chips/climate/lm75.cpp", '#include "daemon/log/log.hpp"' + driver, "may not know")
        self.broken("drivers/chips/climate/lm75.cpp", '#include "drivers/chips/climate/sht3x.hpp"' + driver, "may not know")

    def test_the_vocabulary_depends_on_nothing(self):
        self.broken("drivers/api/i2c.hpp", '#include "drivers/engine/bits.hpp"\n', "may not know")

    def test_of_a_neighbour_only_the_value_headers_are_known(self):
        self.kept("daemon/mqtt/topics.cpp", '#include "daemon/config/model.hpp"\n')
        self.broken("daemon/mqtt/topics.cpp", '#include "daemon/config/load.hpp"\n', "may not know")
        self.kept("daemon/config/load.cpp", '#include "daemon/flow/filter.hpp"\n')
        self.broken("daemon/config/load.cpp", '#include "daemon/flow/bus.hpp"\n', "may not know")
        self.broken("daemon/flow/bus.cpp", '#include "daemon/mqtt/topics.hpp"\n', "may not know")

    def test_a_new_folder_needs_a_row(self):
        self.broken("daemon/new/a.cpp", '#include "drivers/api/i2c.hpp"\n', "no row")

    def test_paths_start_at_the_root(self):
        self.broken("daemon/flow/bus.cpp", '#include "bus.hpp"\n', "from the root")

    def test_paho_and_libgpiod_have_their_places(self):
        self.kept("daemon/mqtt/paho_link.cpp", "#include <mqtt/async_client.h>\n")
        self.broken("daemon/mqtt/publisher.cpp", "#include <mqtt/async_client.h>\n", "Paho")
        self.broken("daemon/mqtt/publisher.cpp", "#include <MQTTAsync.h>\n", "Paho")
        self.kept("daemon/io/gpio_v1.cpp", "#include <gpiod.h>\n")
        self.broken("daemon/io/boards.cpp", "#include <gpiod.h>\n", "libgpiod")
        self.broken("daemon/flow/bus.cpp", "#include <nlohmann/json.hpp>\n", "nlohmann")

    def test_a_driver_file_describes_exactly_one_driver_of_its_name(self):
        self.broken("drivers/pins/input.cpp", "int x;\n", "0 B2M_DRIVER")
        self.broken("drivers/pins/input.cpp", "B2M_DRIVER(button) = {\n};\n", "named like its file")
        self.broken("drivers/pins/input.cpp", "B2M_DRIVER(input) = {};\nB2M_DRIVER(input2) = {};\n", "2 B2M_DRIVER")
        self.broken("drivers/pins/input.hpp", "int x;\n", "one .cpp")

    def test_a_name_is_one_type(self):
        types = rules.TypeNames()
        text = "namespace b2m {\nstruct Field {\n};\nclass Other;\n}\n"
        self.assertEqual(list(types.check("drivers/engine/a.hpp", text)), [])
        self.assertEqual(list(types.check("daemon/flow/b.hpp", text.replace("b2m", "b2m::filters"))), [])
        self.assertEqual([violation.line for violation in types.check("daemon/store/c.hpp", text)], [2])

    def test_a_template_over_a_table_is_of_its_file_alone(self):
        self.kept("drivers/engine/a.hpp", "template <const auto& chips>\nstatic int make() {\n}\n")
        self.broken("drivers/engine/a.hpp", "template <const auto& chips>\nint make() {\n}\n", "static")
        self.broken("drivers/engine/a.hpp", "template <const auto& chips>\ninline constexpr auto models_of = 1;\n", "static")
        self.kept("daemon/io/a.cpp", "template <auto release>\nstruct Release {\n};\n")

    def test_no_path_of_somebodys_machine(self):
        self.broken("docs/install.md", "see /home/ann/board2mqtt/build\n", "absolute path")
        self.broken("tests/run", 'cd "/root/' + 'x"\n', "absolute path")
        self.kept("tests/run", 'cp "$cache"/root/lib "$w"\n')
        self.kept("docs/install.md", "see /etc/board2mqtt and tests/root/x and ~/work/a\n")

    def test_no_registry(self):
        self.broken("README.md", "pip install from https://pypi." + "org/simple\n", "registry")

    def test_no_tabs_and_trailing_blanks(self):
        self.broken("README.md", "a\tb\n", "tab")
        self.broken("README.md", "a \n", "blanks")
        self.broken("README.md", "a", "no line end")

    def test_a_tree_with_a_violation_fails_and_one_without_passes(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            file = root / "daemon" / "loop" / "a.cpp"
            file.parent.mkdir(parents=True)
            file.write_text('#include "daemon/loop/a.hpp"\n', encoding="utf-8")
            self.assertEqual(rules.main(root), 0)
            file.write_text('#include "daemon/app/gateway.hpp"\n', encoding="utf-8")
            self.assertEqual(rules.main(root), 1)

    def test_an_empty_tree_is_a_mistake(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(rules.main(Path(folder)), 1)


if __name__ == "__main__":
    unittest.main()
