"""Assertions about softmaxes for test suites.

    from softmax_audit import assert_softmax

    def test_softmax():
        assert_softmax(mypackage.softmax, formats=["float32"], max_ulp=4)
        assert_softmax(lambda x, axis: mypackage.attention_weights(x, axis=axis, scale=1.0))
"""

import shlex
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from softmax_audit import auditing
from softmax_audit.auditing import Effort
from softmax_audit.reports import Report, number, shown

#: How much an assertion asks where it does not say; the plug-in for pytest sets it.
default_effort: Effort = "quick"
#: The one case that assertions try, as FORMAT:LAW:TOKEN; the plug-in for pytest sets it.
only_case: Optional[str] = None
#: Is told of each report; the plug-in for pytest sets it.
observers: List[Callable[[Report, float], None]] = []
#: How a failing case is shown again, by the options for that; the plug-in for pytest sets it.
replay_command: Callable[[str], Optional[str]] = lambda case: None

#: How many findings of a kind are shown.
SHOWN_FINDINGS = 3
#: How many elements of a witness are shown.
SHOWN_ELEMENTS = 8


class SoftmaxAuditFailure(AssertionError):
    """A softmax failed, or was not judged; `report` holds what was found."""

    def __init__(self, message: str, report: Report):
        super().__init__(message)
        self.report = report


# The name under which people import it.
SoftmaxAuditFailure.__module__ = "softmax_audit"


def assert_softmax(function: Union[str, Callable[..., Any]], *options: Any, **settings: Any) -> Report:
    """Raises SoftmaxAuditFailure where something is wrong with a softmax; see `assert_operation`."""
    __tracebackhide__ = True
    return assert_operation("softmax", function, *options, **settings)


def assert_log_softmax(function: Union[str, Callable[..., Any]], *options: Any, **settings: Any) -> Report:
    """Raises SoftmaxAuditFailure where something is wrong with a log-softmax; see `assert_operation`."""
    __tracebackhide__ = True
    return assert_operation("log-softmax", function, *options, **settings)


def assert_logsumexp(function: Union[str, Callable[..., Any]], *options: Any, **settings: Any) -> Report:
    """Raises SoftmaxAuditFailure where something is wrong with a logsumexp; see `assert_operation`."""
    __tracebackhide__ = True
    return assert_operation("logsumexp", function, *options, **settings)


def assert_operation(
    asked_operation: str,
    function: Union[str, Callable[..., Any]],
    *options: Any,
    operation: Optional[str] = None,
    laws: Union[bool, str, Iterable[str]] = True,
    effort: Optional[Effort] = None,
    command: Optional[str] = None,
    replay: Optional[str] = None,
    arguments: Optional[Mapping[str, Any]] = None,
    program: Optional[str] = None,
    in_process: Optional[bool] = None,
    **settings: Any,
) -> Report:
    """Raises SoftmaxAuditFailure where an implementation errs more than a sound one may, or breaks a law.

    The error has the witness, the exact values and the command that shows it again. Where something was not measured it
    says that: what was not judged has not passed.

    Arguments:
        function: A name as for --python, or anything that can be called with an array and an axis.
        laws: True for all laws that apply, False for none, or names and globs of laws.
        effort: "quick", "full", or a number that scales the cases of laws; --softmax-audit-effort where pytest runs, else
            "quick".
        replay: A case as an earlier failure shows it: it alone is tried.
        options, command: The options of one command of the program, "audit" or "check", in place of all settings.
        settings: Those of `softmax_audit.audit`: formats, max_ulp, waive, declare, families, lengths, samples, arguments,
            in_process.
    """
    __tracebackhide__ = True
    import time

    operation = operation or asked_operation
    start = time.monotonic()
    case = replay or only_case
    if case is not None:
        form, law, token = parts_of(case)
        words: List[Any] = [] if operation == "softmax" else ["--operation", operation]
        words += ["--format", form[0], *(["--output-format", form[1]] if form[1] else [])]
        report = auditing.run(
            function, [["check", *words, "--law", law, "--replay", token]], operation, arguments, program, in_process)
    elif options or command is not None:
        chosen = [] if operation == "softmax" or "--operation" in options else ["--operation", operation]
        report = auditing.run(
            function, [[command or "audit", *chosen, *options]], operation, arguments, program, in_process)
    else:
        report = auditing.audit(
            function, operation=operation, laws=laws, effort=default_effort if effort is None else effort,
            arguments=arguments, program=program, in_process=in_process, **settings)
    for observer in observers:
        observer(report, time.monotonic() - start)
    if not report:
        raise SoftmaxAuditFailure(failure(report), report)
    return report


def parts_of(case: str) -> Tuple[Tuple[str, Optional[str]], str, str]:
    """The formats, the law and the token of a case that is written FORMAT:LAW:TOKEN or FORMAT,FORMAT:LAW:TOKEN."""
    parts = case.split(":")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{case} names no case; write FORMAT:LAW:TOKEN as a failure shows it")
    input_format, _, output_format = parts[0].partition(",")
    return (input_format, output_format or None), parts[1], parts[2]


# What a failure says


def failure(report: Report) -> str:
    """What is wrong, as a test suite shows it."""
    if report.status != 1:
        return "\n".join([
            f"{report.name} was not judged (softmax-audit ended with status {report.status})", *report.notes,
            *(run.command for run in report.runs if run.status not in (0, 1))])
    broken = report.broken
    exceeded = sorted(
        (row for row in report.accuracy if worst_ratio(row) > 1), key=worst_ratio, reverse=True)
    told = [note[len("failed: "):] for note in report.notes if note.startswith("failed: ")]
    lines = [f"{report.name} failed"]
    lines += [f"  {note}" for note in told[:SHOWN_FINDINGS]]
    if len(told) > SHOWN_FINDINGS:
        lines.append(f"  and {len(told) - SHOWN_FINDINGS} more")
    if exceeded:
        lines += ["", *error_lines(exceeded[0])]
    for row in broken[:SHOWN_FINDINGS]:
        lines += ["", *law_lines(row, report.is_served)]
    if len(broken) > SHOWN_FINDINGS:
        lines += ["", "also broken: " + ", ".join(
            f"{row['law']} ({row['inputFormat']})" for row in broken[SHOWN_FINDINGS:])]
    if not broken and not exceeded:
        lines += ["", *report.text.splitlines()]
    left_out = [note for note in report.notes if not note.startswith("failed: ")]
    return "\n".join([*lines, *([""] if left_out else []), *left_out])


def worst_ratio(row: Dict[str, Any]) -> float:
    """How many times what it may be the largest error of a row is."""
    bound = row.get("bound") or {}
    return number(bound.get("maxRatio")) or 0.0


def error_lines(row: Dict[str, Any]) -> List[str]:
    """The worst witness of a row of errors."""
    worst = (row.get("bound") or {}).get("worst") or row["worst"]
    logits = worst["logits"]
    elided = f", ... {worst['elided']} more" if worst.get("elided") else ""
    form = row["inputFormat"]
    if row["outputFormat"] != form:
        form += f" to {row['outputFormat']}"
    lines = [
        f"largest error: {row['family']}, length {row['length']}, {form}, lane {worst['sample']}, index {worst['index']}",
        f"  logits    {', '.join(logits[:SHOWN_ELEMENTS])}"
        + (f", ... {len(logits) - SHOWN_ELEMENTS + (worst.get('elided') or 0)} more" if len(logits) > SHOWN_ELEMENTS else elided),
        f"- computed  {with_decimal(worst['computed'])}",
        f"+ exact     {worst['exact']}",
        f"  off by    {shown(abs(number(worst['ulp']) or 0.0))} ulp"]
    if worst.get("bound") is not None:
        lines.append(f"  tolerated {shown(number(worst['bound']) or 0.0)} ulp")
    if row.get("resembles"):
        lines.append(f"  these are {row['resembles']}")
    return lines


def law_lines(row: Dict[str, Any], is_served: bool) -> List[str]:
    """A broken law with its simplest witness, computed against expected."""
    lines = [f"law {row['law']}, {row['inputFormat']}: {row['statement']}", f"  {row['reason']}"]
    witness = row.get("counterexample") or row.get("worst")
    if not witness:
        return lines
    lines.append(f"  witness: shape {witness['shape']}, axis {witness['axis']}")
    logits, computed = witness.get("logits") or [], witness.get("computed") or []
    expected = witness.get("expected") or []
    for index, logit in enumerate(logits[:SHOWN_ELEMENTS]):
        lines.append(f"    logit     {with_decimal(logit)}")
        if index < len(computed):
            lines.append(f"  - computed  {with_decimal(computed[index])}")
        if index < len(expected):
            lines.append(f"  + exact     {expected[index]}")
    if len(logits) > SHOWN_ELEMENTS:
        lines.append(f"    ... {len(logits) - SHOWN_ELEMENTS} more")
    if row.get("tolerance"):
        lines.append(f"  tolerated: {row['tolerance']}")
    if row.get("cause"):
        lines.append(f"  {row['cause']}")
    case = replay_case(row, witness)
    if case is not None:
        shown_again = replay_command(case)
        if not is_served and witness.get("replay"):
            lines.append(f"  replay: {witness['replay']}")
        if shown_again is not None:
            lines.append(f"  replay: {shown_again}")
        elif is_served:
            lines.append(f"  replay: the same assertion with replay={case!r}")
    return lines


def replay_case(row: Dict[str, Any], witness: Dict[str, Any]) -> Optional[str]:
    """The case of a witness as `replay` takes it; None where it has none."""
    words = shlex.split(witness.get("replay") or "")
    if "--replay" not in words[:-1]:
        return None
    formats = row["inputFormat"]
    if row["outputFormat"] != formats:
        formats += f",{row['outputFormat']}"
    return f"{formats}:{row['law']}:{words[words.index('--replay') + 1]}"


def with_decimal(text: str) -> str:
    """A float in hexadecimal with its decimal value, as 0x1p-1 = 0.5."""
    try:
        return f"{text} = {float.fromhex(text)!r}" if "0x" in text else text
    except ValueError:
        return text
