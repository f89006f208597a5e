"""Assertions about softmaxes for test suites.

    from softmax_audit import assert_softmax

    def test_softmax():
        assert_softmax("mypackage.ops:softmax", "--format", "float32", "--max-ulp", "4")
        assert_softmax(lambda x, axis: mypackage.ops.attention_weights(x, axis=axis, scale=1.0))
"""

import json
import os
import sys

from softmax_audit.served import Served


def importable_name(function):
    """The name `module:callable` under which a fresh Python finds this very object; None where there is none."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not name or module == "__main__" or "<" in name:
        return None
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is function else None


def assert_softmax(function, *options, program=None, command="audit", arguments=None):
    """Raises AssertionError with the report where `softmax-audit audit` finds something wrong with a softmax.

    `function` is a name as for --python, or anything that can be called. What a fresh Python can import by its name runs
    in processes of its own; a lambda, a closure, a partial function or a module with weights is called in this process,
    one call at a time, and what kills it kills this process.

    `options` are those of the command line; `program` is the path of softmax-audit, by default SOFTMAX_AUDIT in the
    environment or what the search path has. `command` may also be "check". `arguments` are further keyword arguments.
    Where nothing was measured the error says that; where the program cannot be started it is an OSError.
    """
    __tracebackhide__ = True
    name = function if isinstance(function, str) else importable_name(function)
    if name is not None:
        words = [word for key, value in (arguments or {}).items() for word in ("--argument", f"{key}={json.dumps(value)}")]
        run_softmax_audit(name, [name, *words], options, program, command)
        return
    if not callable(function):
        raise TypeError(f"{function!r} cannot be called")
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    with Served(function, name, arguments) as served:
        # A name without what shells and results take for something else.
        label = "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in name).strip("-") or "callable"
        run_softmax_audit(name, [f"{label}=served:{served.path}"], options, program, command)


def run_softmax_audit(name, words, options, program, command):
    """Runs the program on a callable; raises with its report unless it ends with status 0."""
    import subprocess

    __tracebackhide__ = True
    program = program or os.environ.get("SOFTMAX_AUDIT") or "softmax-audit"
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(part for part in [os.getcwd(), *sys.path] if part)
    try:
        result = subprocess.run(
            [program, command, "--python", *words, "--python-executable", sys.executable, *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    except OSError as error:
        raise type(error)(
            error.errno,
            f"{program} cannot be started ({error.strerror}); set SOFTMAX_AUDIT to the path of softmax-audit") from None
    report = f"{result.stdout}{result.stderr}"
    if result.returncode == 1:
        raise AssertionError(f"{name} failed\n{report}")
    if result.returncode != 0:
        raise AssertionError(f"{name} was not judged (softmax-audit ended with status {result.returncode})\n{report}")
