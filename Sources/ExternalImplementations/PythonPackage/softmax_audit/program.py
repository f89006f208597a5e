"""Where the program softmax-audit is, and how it is run."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, List, Optional, Sequence

#: The variable that names the program.
VARIABLE = "SOFTMAX_AUDIT"
#: The variable that names the interpreter for Python callables.
PYTHON_VARIABLE = "SOFTMAX_AUDIT_PYTHON"


def bundled() -> Optional[str]:
    """The program that came with this package; None where none did."""
    path = Path(__file__).resolve().parent / "bin" / "softmax-audit"
    return str(path) if path.is_file() else None


def installed() -> Optional[str]:
    """The program on the search path; None where there is only the script of this package, which looks for it too."""
    path = shutil.which("softmax-audit")
    if path is None:
        return None
    with open(path, "rb") as file:
        return None if file.read(2) == b"#!" else path


def find() -> Optional[str]:
    """The path of the program: what SOFTMAX_AUDIT names, what came with this package, or what the search path has."""
    return os.environ.get(VARIABLE) or bundled() or installed()


class Run:
    """A run of the program that is over: what it was asked, what it said, and the results that it wrote."""

    def __init__(self, words: List[str], status: int, output: str, notes: str, results: Optional[str]):
        self.words = words
        self.status = status
        #: What it printed for people.
        self.output = output
        #: What it said besides: what failed, what was not measured, what was left out.
        self.notes = notes
        #: Its results as it wrote them; None where it wrote none.
        self.results = results
        #: The same, by the schema `softmax-audit/results/1`.
        self.document: Optional[dict] = None if results is None else json.loads(results)

    @property
    def command(self) -> str:
        return shlex.join(["softmax-audit", *self.words])

    @property
    def text(self) -> str:
        return f"{self.output}{self.notes}"


def run(words: Sequence[Any], program: Optional[str] = None) -> Run:
    """Runs the program and keeps the results that it writes.

    Modules are found by workers as they are here. Raises OSError where the program cannot be started.
    """
    program = os.fspath(program) if program else find() or "softmax-audit"
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(part for part in [os.getcwd(), *sys.path] if part)
    asked = [str(word) for word in words]
    with tempfile.TemporaryDirectory(prefix="softmax-audit-") as folder:
        file = os.path.join(folder, "results.json")
        try:
            done = subprocess.run(
                [program, *asked, "--json", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env=environment)
        except OSError as error:
            raise type(error)(
                error.errno,
                f"{program} cannot be started ({error.strerror}); set {VARIABLE} to the path of softmax-audit") from None
        results = Path(file).read_text(encoding="utf-8") if os.path.exists(file) else None
    return Run(asked, done.returncode, done.stdout, done.stderr, results)


def main() -> None:
    """Becomes the program; callables and libraries are those of this interpreter unless somebody names another."""
    program = find()
    if program is None:
        sys.exit(
            "softmax-audit: this installation of the package has no program for this kind of machine, "
            f"and there is none on the search path; set {VARIABLE} to the path of one")
    os.environ.setdefault(PYTHON_VARIABLE, sys.executable)
    try:
        os.execv(program, ["softmax-audit", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"softmax-audit: {program} cannot be started: {error.strerror}")
