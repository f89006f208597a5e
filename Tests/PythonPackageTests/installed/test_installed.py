"""The installed package with its program: assertions, the plug-in for pytest, reports. scripts/checks/check-wheel runs this.

Nothing here is found by `unittest discover`: it needs pytest, and takes a minute.
"""

import functools
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

import numpy
import pytest

import softmax_audit
from softmax_audit import SoftmaxAuditFailure, assert_log_softmax, assert_logsumexp, assert_softmax, audit

pytest_plugins = ["pytester"]


def softmax(x, axis=-1):
    powers = numpy.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=axis, keepdims=True))


def logsumexp(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return largest + numpy.log(numpy.exp(x - largest).sum(axis=axis, keepdims=True))


#: Seconds are short and formats few where something else is tried.
FEW = {"formats": ["float32"], "families": ["normal-4"], "lengths": [129], "samples": 2, "laws": ["axis", "sum-to-one"]}
#: What NumPy itself does not keep with -inf and NaN in the lane.
FINITE_LAWS = ["axis", "sum-to-one", "range", "componentwise-error"]


@pytest.fixture
def scale():
    return 1.0


def test_the_program_comes_with_the_package():
    done = subprocess.run([sys.executable, "-m", "softmax_audit", "--version"], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0 and done.stdout.count(".") == 2


def test_closures_of_fixtures_are_called_in_this_process(scale):
    places = set()

    def closure(x, axis):
        places.add(os.getpid())
        return softmax(x * x.dtype.type(scale), axis)

    assert assert_softmax(closure, **FEW)
    assert places == {os.getpid()}


@pytest.mark.filterwarnings("error")
def test_a_suite_that_makes_errors_of_warnings_does_not_see_overflows_at_the_edge():
    settings = {**FEW, "families": ["overflow-edge"], "laws": ["range", "masked-zero"]}
    assert assert_softmax(lambda x, axis: softmax(x, axis), **settings)


def test_functions_with_a_name_run_elsewhere_unless_they_are_wanted_here():
    assert assert_softmax(softmax, **FEW)
    seen = []

    def wrapped(x, axis):
        seen.append(os.getpid())
        return softmax(x, axis)

    assert assert_softmax(functools.partial(wrapped), in_process=True, **FEW)
    assert set(seen) == {os.getpid()}


def test_sisters():
    laws = {"laws": False, "families": ["normal-4"], "lengths": [17], "samples": 2}
    assert assert_log_softmax(log_softmax, formats=numpy.float32, **laws)
    assert assert_logsumexp(lambda x, axis: logsumexp(x, axis), formats=["float64"], **laws)
    assert assert_softmax(log_softmax, operation="log-softmax", formats=["float32"], **laws)
    with pytest.raises(SoftmaxAuditFailure):
        assert_log_softmax(softmax, formats=["float32"], **laws)


def test_a_failure_shows_witness_exact_value_law_and_replay():
    with pytest.raises(SoftmaxAuditFailure) as caught:
        assert_softmax(lambda x, axis: softmax(x / 2, axis), **FEW)
    text = str(caught.value)
    for words in ("- computed", "+ exact", "the softmax of the logits times 0.5", "law axis, float32", "--softmax-audit-replay"):
        assert words in text
    assert caught.value.report.status == 1


def test_a_limit_holds_beside_the_default_verdict():
    with pytest.raises(SoftmaxAuditFailure, match="0.001"):
        assert_softmax(softmax, max_ulp=0.001, **{**FEW, "laws": False})


def test_what_is_not_measured_has_not_passed():
    with pytest.raises(SoftmaxAuditFailure, match="was not judged"):
        assert_softmax("nowhere:softmax")
    with pytest.raises(SoftmaxAuditFailure, match="was not judged"):
        assert_softmax(softmax, laws=["no-such-law"], formats=["float32"], lengths=[2], samples=1)
    with pytest.raises(OSError, match="SOFTMAX_AUDIT"):
        assert_softmax(softmax, program="/nowhere/softmax-audit")


def test_a_crash_elsewhere_is_a_failure(tmp_path, monkeypatch):
    (tmp_path / "crashing.py").write_text("import os\ndef softmax(x, axis):\n    os.abort()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SoftmaxAuditFailure):
        assert_softmax("crashing:softmax", **FEW)


def test_quick_says_what_it_left_out():
    found = audit(softmax, formats=["float32"], families=["normal-1"], laws=["axis"], effort="quick")
    assert found
    assert any(note.startswith("quick: ") for note in found.notes)


def test_results_are_rows_a_frame_and_a_page():
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="no bfloat16 in NumPy without it")
    found = audit(softmax, formats=["float32", ml_dtypes.bfloat16], families=["normal-1"], lengths=[2, 129], samples=2)
    assert found and found.json["schema"] == "softmax-audit/results/1"
    frame = found.to_frame()
    assert list(frame["length"]) == [row["length"] for row in found.accuracy] and len(frame) == 4
    assert frame["maxUlp"].max() > 0
    page = found._repr_html_()
    assert "<table>" in page and "<svg" in page and "bfloat16" in page


SUITE = """
    import numpy
    import pytest
    from softmax_audit import assert_softmax

    FEW = {"formats": ["float32"], "families": ["normal-4"], "lengths": [129], "samples": 2, "laws": ["axis"]}

    def softmax(x, axis):
        powers = numpy.exp(x - x.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    def test_good():
        assert_softmax(lambda x, axis: softmax(x, axis), **FEW)

    def test_bad():
        assert_softmax(lambda x, axis: softmax(x / 2, axis), **FEW)

    def test_other():
        pass
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "distributed"])
def test_pytest_sums_up_and_keeps_properties(pytester, workers):
    if workers:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_ops=SUITE)
    run = pytester.runpytest_subprocess(*workers, "--junitxml=junit.xml")
    run.assert_outcomes(passed=2, failed=1)
    run.stdout.fnmatch_lines([
        "*=== softmax-audit ===*", "passed: *softmax*test_ops.py::test_good*", "*float32: * ulp at most*1 laws kept, 0 broken*"])
    run.stdout.fnmatch_lines(["E *- computed*", "E *+ exact*", "E *replay: pytest test_ops.py::test_bad --softmax-audit-replay *"])
    # The assertion's own lines are of no use to the reader.
    assert "def assert_operation" not in run.stdout.str()
    tree = xml.etree.ElementTree.parse(pytester.path / "junit.xml")
    found = {
        (case.get("name"), entry.get("name").split("> ")[-1]): entry.get("value")
        for case in tree.iter("testcase") for entry in case.iter("property")}
    assert found["test_good", "verdict"] == "passed" and found["test_bad", "verdict"] == "failed"
    assert float(found["test_good", "float32 maxUlp"]) < 64
    assert not [key for key in found if key[0] == "test_other"]


def test_one_case_is_tried_again(pytester):
    pytester.makepyfile(test_ops=SUITE)
    first = pytester.runpytest_subprocess("-k", "bad")
    line = next(line for line in first.stdout.lines if "--softmax-audit-replay" in line)
    case = line.rpartition(" ")[2]
    again = pytester.runpytest_subprocess("test_ops.py::test_bad", "--softmax-audit-replay", case)
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["E *law axis, float32*"])
    mended = SUITE.replace("x / 2", "x")
    pytester.makepyfile(test_ops=mended)
    pytester.runpytest_subprocess("test_ops.py::test_bad", "--softmax-audit-replay", case).assert_outcomes(passed=1)


def test_an_effort_that_there_is_not_is_a_usage_error(pytester):
    pytester.makepyfile(test_ops=SUITE)
    run = pytester.runpytest_subprocess("--softmax-audit-effort", "much")
    assert run.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("laws", [False, ["axis"]], ids=["errors", "laws"])
def test_saved_results_are_read_again(tmp_path, laws):
    file = tmp_path / "results.json"
    audit(softmax, formats=["float32"], families=["normal-1"], lengths=[2], samples=1, laws=laws).save(str(file))
    done = subprocess.run(
        [sys.executable, "-m", "softmax_audit", "report", str(file), "--as", "csv"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    assert json.loads(file.read_text())["accuracy"]


def test_the_package_has_what_it_promises():
    assert set(softmax_audit.__all__) <= set(dir(softmax_audit)) | set(softmax_audit.__all__)
    for name in softmax_audit.__all__:
        assert getattr(softmax_audit, name) is not None
    with pytest.raises(AttributeError):
        softmax_audit.no_such_thing
