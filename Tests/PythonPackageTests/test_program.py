"""Where the package looks for the program."""

import os
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

PACKAGE = Path(__file__).parent.parent.parent / "Sources" / "ExternalImplementations" / "PythonPackage"
sys.path.insert(0, str(PACKAGE))

from softmax_audit import program


def executable(path, words):
    path.write_text(words)
    path.chmod(0o755)
    return str(path)


class SearchPath(unittest.TestCase):
    def setUp(self):
        self.folder = TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        patch = mock.patch.dict(os.environ, {"PATH": self.folder.name})
        patch.start()
        self.addCleanup(patch.stop)
        os.environ.pop(program.VARIABLE, None)
        self.place = Path(self.folder.name, "softmax-audit")

    def test_a_program_on_the_search_path_is_found(self):
        own = executable(self.place, "\x7fELF")
        self.assertEqual(program.find(), own)

    def test_the_script_of_the_package_is_not_taken_for_the_program(self):
        executable(self.place, f"#!{sys.executable}\n")
        self.assertIsNone(program.find())

    def test_the_variable_comes_first(self):
        executable(self.place, "\x7fELF")
        with mock.patch.dict(os.environ, {program.VARIABLE: "/another/one"}):
            self.assertEqual(program.find(), "/another/one")

    def test_without_a_program_the_package_says_what_to_set(self):
        done = subprocess.run(
            [sys.executable, "-B", "-m", "softmax_audit", "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={"PATH": self.folder.name, "PYTHONPATH": str(PACKAGE)})
        self.assertEqual(done.returncode, 1)
        self.assertIn(program.VARIABLE, done.stderr)


if __name__ == "__main__":
    unittest.main()
