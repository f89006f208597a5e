"""Runs the calling script again inside a virtual environment that holds exactly the packages it names."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)


def enter(name, packages):
    """Makes `.build/python/<name>` where it is missing or stale, and continues in it."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"{sys.argv[0]}: needs Python {wanted} or newer, this is {sys.version.split()[0]}")
    folder = ROOT / ".build" / "python" / name
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    python = folder / "bin" / "python"
    stamp = folder / "packages.txt"
    pins = "\n".join(packages) + "\n"
    if not python.exists() or not stamp.exists() or stamp.read_text() != pins:
        commands = [
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--only-binary", ":all:", *packages],
        ]
        for command in commands:
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if result.returncode != 0:
                sys.stderr.write(result.stdout.decode(errors="replace"))
                sys.exit(f"{sys.argv[0]}: cannot install {', '.join(packages)}")
        stamp.write_text(pins)
    os.execv(python, [str(python), "-B", *sys.argv])
