"""What reports and assertions make of the results of the program, and how callables are named for it."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

PACKAGE = Path(__file__).parent.parent.parent / "Sources" / "ExternalImplementations" / "PythonPackage"
sys.path.insert(0, str(PACKAGE))

import numpy

from softmax_audit import assertions, auditing
from softmax_audit.assertions import SoftmaxAuditFailure
from softmax_audit.program import Run
from softmax_audit.reports import Report


def error_row(ratio, form="float32", length=2, **rest):
    witness = {
        "logits": ["0x0p+0", "0x1p+0"], "computed": "0x1p-2", "exact": "0.2689414", "index": 0, "sample": 3,
        "ulp": -5.0, "bound": 2.5}
    return {
        "implementation": "f", "inputFormat": form, "outputFormat": form, "operation": "softmax", "family": "normal-1",
        "length": length, "shape": [1, length], "axis": 1, "elements": 100, "finitePairs": 100, "correctlyRounded": 0.5,
        "maxUlp": 5.0, "mismatches": 0, "bound": {"model": "undeclared", "maxRatio": ratio, "worst": witness},
        "worst": witness, **rest}


def law_row(verdict, law="axis", form="float32", output="float32"):
    witness = {
        "shape": [2], "axis": 0, "logits": ["0x0p+0", "0x1p+0"], "computed": ["0x1p-1", "0x1p-1"],
        "expected": ["0.2689414", "0.7310586"],
        "replay": f"softmax-audit check --python f --format {form} --law {law} --replay case1-AbC_-9"}
    row = {
        "implementation": "f", "inputFormat": form, "outputFormat": output, "operation": "softmax", "law": law,
        "grade": "required", "verdict": verdict, "reason": "output 0 is wrong", "statement": "Axes are kept.",
        "tolerance": "none", "cases": 7}
    return {**row, "counterexample": witness} if verdict == "failed" else row


def report(accuracy=(), properties=(), statuses=(0, 0), notes="", is_served=False):
    runs = []
    for status, document in zip(statuses, ({"accuracy": list(accuracy), "properties": []},
                                           {"accuracy": [], "properties": list(properties)})):
        runs.append(Run(["audit"], status, "", notes, json.dumps({
            "schema": "softmax-audit/results/1", "command": "softmax-audit", "checksum": "00", **document})))
    return Report("f", "softmax", runs, is_served)


class ReportTests(unittest.TestCase):
    def test_status_is_the_gravest(self):
        for statuses, status in [((0, 0), 0), ((0, 2), 2), ((2, 1), 1), ((1, 64), 64), ((70, 1), 70), ((0, -9), 0)]:
            if -9 not in statuses:
                self.assertEqual(report(statuses=statuses).status, status)
        self.assertTrue(report())
        self.assertFalse(report(statuses=(0, 2)))

    def test_a_status_that_nobody_knows_is_no_success(self):
        self.assertFalse(report(statuses=(0, -11)))
        self.assertFalse(report(statuses=(134, 0)))

    def test_progress_is_no_note(self):
        self.assertEqual(report(statuses=(0,), notes="progress: 1 of 9 laws after 30 s\nquick: less\n").notes, ["quick: less"])

    def test_json_joins_both_runs(self):
        joined = report([error_row(0.5)], [law_row("passed")]).json
        self.assertEqual(len(joined["accuracy"]), 1)
        self.assertEqual(len(joined["properties"]), 1)
        self.assertNotIn("checksum", joined)
        self.assertEqual(json.loads(json.dumps(joined)), joined)

    def test_summary_has_a_row_for_each_pair_of_formats(self):
        rows = [error_row(0.5, maxUlp=1.0, correctlyRounded=1.0), error_row(0.5, maxUlp=3.0, correctlyRounded=0.0),
                error_row(0.5, form="float16", maxUlp="inf")]
        first, second = report(rows, [law_row("passed"), law_row("failed")]).summary()
        self.assertEqual(
            (first["format"], first["maxUlp"], first["correctlyRounded"], first["outputs"]), ("float32", 3.0, 0.5, 200))
        self.assertEqual((first["lawsKept"], first["lawsBroken"]), (1, 1))
        self.assertEqual((second["format"], second["maxUlp"]), ("float16", float("inf")))

    def test_notebooks_show_a_table_and_a_figure(self):
        page = report([error_row(0.5), error_row(0.5, length=64, maxUlp=9.0)], notes="failed: <b>\n")._repr_html_()
        self.assertIn("<td>float32</td>", page)
        self.assertIn("<polyline", page)
        self.assertIn("failed: &lt;b&gt;", page)

    def test_without_errors_there_is_a_page_without_a_figure(self):
        self.assertNotIn("<svg", report([error_row(0.0, maxUlp=0.0)])._repr_html_())


class FailureTests(unittest.TestCase):
    def test_the_worst_error_is_shown_with_its_witness(self):
        text = assertions.failure(report(
            [error_row(1.5), error_row(9.0, length=7, resembles="the softmax of the logits times 2")], statuses=(1, 0),
            notes="failed: f in float32: exceeded\n"))
        self.assertIn("length 7", text)
        self.assertIn("- computed  0x1p-2 = 0.25", text)
        self.assertIn("+ exact     0.2689414", text)
        self.assertIn("off by    5 ulp", text)
        self.assertIn("tolerated 2.5 ulp", text)
        self.assertIn("these are the softmax of the logits times 2", text)

    def test_a_broken_law_is_shown_with_the_command_that_shows_it_again(self):
        text = assertions.failure(report(properties=[law_row("passed", "range"), law_row("failed")], statuses=(0, 1)))
        self.assertIn("law axis, float32: Axes are kept.", text)
        self.assertIn("  - computed  0x1p-1 = 0.5\n  + exact     0.2689414", text)
        self.assertIn("--replay case1-AbC_-9", text)
        self.assertNotIn("range", text)

    def test_what_is_called_here_is_replayed_here(self):
        text = assertions.failure(report(properties=[law_row("failed")], statuses=(0, 1), is_served=True))
        self.assertIn("replay='float32:axis:case1-AbC_-9'", text)
        self.assertNotIn("softmax-audit check", text)

    def test_what_was_not_measured_is_no_failure_of_the_softmax(self):
        text = assertions.failure(report(statuses=(2, 0), notes="not measured: there is no such thing\n"))
        self.assertIn("f was not judged (softmax-audit ended with status 2)", text)
        self.assertIn("there is no such thing", text)

    def test_cases_have_formats_a_law_and_a_token(self):
        row = law_row("failed", output="float64")
        case = assertions.replay_case(row, row["counterexample"])
        self.assertEqual(case, "float32,float64:axis:case1-AbC_-9")
        self.assertEqual(assertions.parts_of(case), (("float32", "float64"), "axis", "case1-AbC_-9"))
        for text in ("", "axis", "float32:axis", "float32:axis:", "a:b:c:d"):
            with self.assertRaises(ValueError):
                assertions.parts_of(text)


class Kept:
    def method(self, x, axis):
        return x


class NamingTests(unittest.TestCase):
    def test_only_what_a_fresh_interpreter_finds_has_a_name(self):
        self.assertEqual(auditing.importable_name(error_row), f"{__name__}:error_row")
        self.assertEqual(auditing.importable_name(Kept.method), f"{__name__}:Kept.method")
        self.assertIsNone(auditing.importable_name(lambda x, axis: x))
        self.assertIsNone(auditing.importable_name(Kept().method))

        def closure(x, axis):
            return x

        self.assertIsNone(auditing.importable_name(closure))

    def test_formats_are_names_or_data_types(self):
        import ml_dtypes

        self.assertEqual(auditing.named_formats(None), [])
        self.assertEqual(auditing.named_formats("float32"), ["float32"])
        self.assertEqual(
            auditing.named_formats([numpy.float16, numpy.dtype("float64"), ml_dtypes.bfloat16, "float32"]),
            ["float16", "float64", "bfloat16", "float32"])

    def test_an_effort_that_there_is_not_is_refused(self):
        with self.assertRaises(ValueError):
            auditing.audit("ops:f", effort="fast", program=sys.executable)

    def test_what_cannot_be_called_is_refused(self):
        with self.assertRaises(TypeError):
            auditing.audit(7, program=sys.executable)
        with self.assertRaises(TypeError):
            auditing.audit(lambda x, axis: x, in_process=False, program=sys.executable)


class StartTests(unittest.TestCase):
    def start(self, sources, *words, rest=b""):
        text = json.dumps(sources).encode()
        return subprocess.run(
            [sys.executable, "-B", "-c", (PACKAGE / "start.py").read_text(), *words],
            input=b"%08x" % len(text) + text + rest, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_an_interpreter_starts_with_sources_from_its_standard_input(self):
        done = self.start(
            {"ours": "", "ours.main": "import os, sys\nfrom ours import other\n"
             "def main(words):\n  print(words, other.__name__, sys.argv[0], os.read(0, 9))\n  return 3\n", "ours.other": ""},
            "ours.main", "a b", "--c", rest=b"the rest")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stdout.decode().split("\n")[0], "['a b', '--c'] ours.other ours.main b'the rest'")

    def test_an_error_shows_its_place_in_the_sources(self):
        done = self.start({"ours": "def main(words):\n    raise ValueError('so it is')\n"}, "ours")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'"softmax-audit:ours.py", line 2, in main', done.stderr)

    def test_it_ends_with_a_host_that_has_gone(self):
        done = subprocess.run(
            [sys.executable, "-B", "-c", (PACKAGE / "start.py").read_text(), "ours"], input=b"00000010{",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
