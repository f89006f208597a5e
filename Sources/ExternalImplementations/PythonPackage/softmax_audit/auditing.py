"""Audits of callables of this process, and of those that a fresh interpreter finds by their name."""

import contextlib
import json
import sys
from typing import Any, Callable, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from softmax_audit import program as programs
from softmax_audit.reports import Report
from softmax_audit.served import Served

#: How much is asked: "quick" and "full", or a number that scales the cases of each law.
Effort = Union[str, float]


def audit(
    function: Union[str, Callable[..., Any]],
    *,
    operation: str = "softmax",
    formats: Union[None, str, Iterable[Any]] = None,
    max_ulp: Optional[float] = None,
    laws: Union[bool, str, Iterable[str]] = False,
    effort: Effort = "full",
    families: Iterable[str] = (),
    lengths: Iterable[int] = (),
    samples: Optional[int] = None,
    waive: Optional[Mapping[str, str]] = None,
    declare: Optional[str] = None,
    arguments: Optional[Mapping[str, Any]] = None,
    in_process: Optional[bool] = None,
    options: Sequence[Any] = (),
    program: Optional[str] = None,
) -> Report:
    """Measures a softmax, or another operation, against exact values, and tries its laws.

    What a fresh interpreter can import by its name runs in processes of its own; a lambda, a closure, a partial function or a
    module with weights is called in this process, one call at a time, and what kills it kills this process.

    Arguments:
        function: A name as for --python, or anything that can be called with an array and an axis.
        operation: What it computes: "softmax", "log-softmax", "logsumexp".
        formats: The formats of the logits, such as "float32", numpy.float16 or torch.bfloat16; all that it takes where none
            is named.
        max_ulp: A limit besides the one that every implementation is judged by.
        laws: True for all laws that apply, False for none, or names and globs of laws.
        effort: "quick" asks less, and `Report.notes` say what was left out; "full"; or a number that scales the cases of each
            law, which measures as "quick" does below 1.
        families, lengths, samples: The logits that errors are measured on; the usual ones where none are named.
        waive: Laws that may be broken, each with the reason.
        declare: The model whose error bound it is judged by.
        arguments: Further keyword arguments of its calls.
        in_process: True calls it in this process even where it can be imported by name; False never does.
        options: Further options of the command line, for measuring and for laws alike.
        program: The path of softmax-audit.
    Raises:
        OSError: The program cannot be started.
        TypeError: The function cannot be called.
    """
    common: List[Any] = [*options]
    if operation != "softmax":
        common += ["--operation", operation]
    for form in named_formats(formats):
        common += ["--format", form]
    if declare is not None:
        common += ["--declare", declare]
    measuring: List[Any] = []
    for family in families:
        measuring += ["--family", family]
    for length in lengths:
        measuring += ["--length", length]
    if samples is not None:
        measuring += ["--samples", samples]
    if max_ulp is not None:
        measuring += ["--max-ulp", max_ulp]
    trying: List[Any] = []
    if isinstance(laws, str):
        laws = [laws]
    for law in () if isinstance(laws, bool) else laws:
        trying += ["--law", law]
    for law, reason in (waive or {}).items():
        trying += ["--waive", f"{law}={reason}"]
    if effort == "quick" or isinstance(effort, (int, float)) and effort < 1:
        if not lengths and samples is None:
            measuring.append("--quick")
    elif effort != "full" and not isinstance(effort, (int, float)):
        raise ValueError(f"effort is {effort!r}; use 'quick', 'full' or a number")
    if effort == "quick":
        trying.append("--quick")
    elif effort != "full":
        trying += ["--effort", effort]
    commands = [["audit", *common, *measuring]]
    if laws is not False and laws != []:
        commands.append(["check", *common, *trying])
    return run(function, commands, operation, arguments, program, in_process)


def run(
    function: Union[str, Callable[..., Any]], commands: Iterable[Sequence[Any]], operation: str = "softmax",
    arguments: Optional[Mapping[str, Any]] = None, program: Optional[str] = None, in_process: Optional[bool] = None,
) -> Report:
    """Runs commands of the program, each with its options, on a callable."""
    with selected(function, arguments, in_process) as (name, words, is_served):
        python = ["--python-executable", sys.executable]
        runs = [programs.run([command[0], *words, *python, *command[1:]], program) for command in commands]
        return Report(name, operation, runs, is_served)


@contextlib.contextmanager
def selected(
    function: Union[str, Callable[..., Any]], arguments: Optional[Mapping[str, Any]], in_process: Optional[bool],
) -> Iterator[Tuple[str, List[str], bool]]:
    """The name of a callable, the options that select it while the context lasts, and whether it is called here."""
    name = function if isinstance(function, str) else importable_name(function)
    if name is not None and (isinstance(function, str) or not in_process):
        words = ["--python", name]
        for key, value in (arguments or {}).items():
            words += ["--argument", f"{key}={json.dumps(value)}"]
        yield name, words, False
        return
    if not callable(function):
        raise TypeError(f"{function!r} cannot be called")
    if in_process is False:
        raise TypeError(f"{function!r} has no name by which another process finds it")
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    with Served(function, name, arguments) as served:
        # A name without what shells and results take for something else.
        label = "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in name).strip("-") or "callable"
        yield name, ["--python", f"{label}=served:{served.path}"], True


def importable_name(function: Callable[..., Any]) -> Optional[str]:
    """The name `module:callable` under which a fresh Python finds this very object; None where there is none."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not name or module == "__main__" or "<" in name:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is function else None


def named_formats(formats: Union[None, str, Iterable[Any]]) -> List[str]:
    """The names of formats that are given as names or as data types of NumPy, ml_dtypes or torch."""
    if formats is None:
        return []
    if isinstance(formats, (str, type)) or not hasattr(formats, "__iter__"):
        formats = [formats]
    return [
        form if isinstance(form, str) else getattr(form, "__name__", None) or str(form).rpartition(".")[2]
        for form in formats]
