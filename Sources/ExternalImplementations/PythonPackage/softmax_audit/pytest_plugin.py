"""The plug-in for pytest: how much assertions ask, what they found at the end of the run and in JUnit, one case again."""

import shlex
from typing import Any, Dict, Generator, List, Optional

import pytest

from softmax_audit import assertions
from softmax_audit.reports import Report, shown

#: The attribute of reports of tests, which come to the controller of `pytest -n` as well.
ATTRIBUTE = "softmax_audit"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("softmax-audit")
    group.addoption(
        "--softmax-audit-effort", metavar="EFFORT", default=None,
        help="how much assert_softmax and its sisters ask: quick (default), full, or a number that scales the cases of laws")
    group.addoption(
        "--softmax-audit-replay", metavar="FORMAT:LAW:TOKEN", default=None,
        help="try this one case in every assertion, as a failure shows it")
    parser.addini("softmax_audit_effort", "the default of --softmax-audit-effort", default="quick")


def effort_of(text: str) -> assertions.Effort:
    if text in ("quick", "full"):
        return text
    try:
        effort = float(text)
    except ValueError:
        effort = 0.0
    if not 0 < effort <= 1e6:
        raise pytest.UsageError(f"--softmax-audit-effort {text}: use quick, full or a number above 0, at most 1000000")
    return effort


class Plugin:
    """What one run of pytest knows of assertions about softmaxes."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.item: Optional[pytest.Item] = None
        self.found: List[Dict[str, Any]] = []

    def observe(self, report: Report, seconds: float) -> None:
        row = {
            "name": report.name, "operation": report.operation, "verdict": report.verdict, "seconds": round(seconds, 1),
            "formats": report.summary(),
            "leftOut": [note for note in report.notes if note.startswith("quick")]}
        self.found.append(row)
        if self.item is not None:
            self.item.user_properties += properties(row)

    def replay_command(self, case: str) -> Optional[str]:
        if self.item is None:
            return None
        return f"pytest {shlex.quote(self.item.nodeid)} --softmax-audit-replay {shlex.quote(case)}"

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, None]:
        self.item, self.found = item, []
        yield
        self.item = None

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        outcome = yield
        if self.found:
            setattr(outcome.get_result(), ATTRIBUTE, self.found)
            self.found = []

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        rows = [
            (report, row) for reports in terminalreporter.stats.values() for report in reports
            for row in getattr(report, ATTRIBUTE, [])]
        if not rows:
            return
        terminalreporter.section("softmax-audit")
        for report, row in rows:
            terminalreporter.write_line(
                f"{row['verdict']}: {row['name']}, {row['operation']}, {row['seconds']} s  ({report.nodeid})")
            for entry in row["formats"]:
                terminalreporter.write_line(f"    {entry['format']}: {in_words(entry)}")
        for note in sorted({note for _, row in rows for note in row["leftOut"]}):
            terminalreporter.write_line(note)


def in_words(entry: Dict[str, Any]) -> str:
    """A pair of formats in a line."""
    words = []
    if entry["maxUlp"] is not None:
        words.append(f"{shown(entry['maxUlp'])} ulp at most")
    if entry["correctlyRounded"] is not None:
        words.append(f"{100 * entry['correctlyRounded']:.2f} % correctly rounded")
    if entry["mismatches"]:
        words.append(f"{entry['mismatches']} mismatches")
    if entry["lawsKept"] or entry["lawsBroken"]:
        words.append(f"{entry['lawsKept']} laws kept, {entry['lawsBroken']} broken")
    return ", ".join(words)


def properties(row: Dict[str, Any]) -> List[Any]:
    """What JUnit keeps of an audit."""
    name = f"softmax-audit {row['name']}"
    found: List[Any] = [(f"{name} verdict", row["verdict"])]
    for entry in row["formats"]:
        place = f"{name} {entry['format']}"
        if entry["maxUlp"] is not None:
            found.append((f"{place} maxUlp", entry["maxUlp"]))
        if entry["lawsKept"] or entry["lawsBroken"]:
            found += [(f"{place} lawsKept", entry["lawsKept"]), (f"{place} lawsBroken", entry["lawsBroken"])]
    return found


def pytest_configure(config: pytest.Config) -> None:
    plugin = Plugin(config)
    config.pluginmanager.register(plugin, "softmax-audit-run")
    effort = config.getoption("--softmax-audit-effort") or config.getini("softmax_audit_effort")
    before = (assertions.default_effort, assertions.only_case, assertions.replay_command)
    assertions.default_effort = effort_of(effort)
    assertions.only_case = config.getoption("--softmax-audit-replay")
    assertions.replay_command = plugin.replay_command
    assertions.observers.append(plugin.observe)

    def restore() -> None:
        assertions.default_effort, assertions.only_case, assertions.replay_command = before
        assertions.observers.remove(plugin.observe)

    config.add_cleanup(restore)
