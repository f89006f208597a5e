import AuditRecords
import FloatFormats
import Foundation
import Testing

@Suite(
  "Python callables",
  .enabled(if: libraryPython != nil, "no NumPy: run scripts/setup-libraries numpy"))
struct PythonTests {
  static let module = """
    import numpy

    def good(x, axis):
        powers = numpy.exp(x - x.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    def raises(x, axis):
        if x.shape[axis] > 100:
            raise ValueError("too long\\nfor me")
        return good(x, axis)

    def no_axis(x):
        return good(x, -1)

    def with_dim(x, dim, temperature=1.0):
        return good(x / x.dtype.type(temperature), dim)

    def masked(x, mask, axis):
        return good(x, axis)

    def refuses(x, axis):
        raise TypeError("not today")

    def wrong_shape(x, axis):
        return good(x, axis)[:1] if x.size > 6 else good(x, axis)

    def wrong_type(x, axis):
        return good(x, axis).astype("float16" if x.size > 6 else x.dtype)

    def nothing(x, axis):
        return None

    def prints(x, axis):
        print("computing", flush=True)
        return good(x, axis)

    def exits(x, axis):
        import os
        if x.size > 6:
            os._exit(4)
        return good(x, axis)

    def stops(x, axis):
        if x.size > 6:
            raise SystemExit(4)
        return good(x, axis)

    def forks(x, axis):
        import os
        os.fork()
        return good(x, axis)

    def hangs(x, axis):
        while x.size > 6:
            pass
        return good(x, axis)

    def never(x, axis):
        while True:
            pass

    def in_place(x, axis):
        x -= x.max(axis=axis, keepdims=True)
        return good(x, axis)

    def rounds_down(x, axis):
        import ctypes, platform
        downward = 0x800000 if platform.machine() == "aarch64" else 0x400
        result = good(x, axis)
        ctypes.CDLL(None).fesetround(downward)
        return result

    def flat(x, axis):
        # Takes the memory for row-major, as a kernel that gets a pointer does.
        order = numpy.ravel(x, order="K").reshape(x.shape)
        return good(order, axis)

    kept = {}
    def reuses(x, axis):
        p = kept.setdefault((x.shape, x.dtype), numpy.empty_like(x))
        p[...] = good(x, axis)
        return p
    def truncates(x, axis):
        result = numpy.empty_like(x)
        result[...] = good(x.astype(float), axis)
        return result

    not_callable = 3
    """

  /// Runs the program in a folder with the module `ops`.
  private func audit(
    _ function: String, _ command: String = "audit", options: [String] = [],
    format: String? = "float32"
  ) async throws -> (Outcome, [AccuracyRow]) {
    let folder = try TemporaryFolder()
    _ = try folder.file("ops.py", Data(Self.module.utf8))
    let file = folder.path("results.json")
    var words = [command, "--python", function, "--python-executable", libraryPython ?? ""]
    if let format { words += ["--format", format] }
    if command == "audit" {
      words += [
        "--length", "8", "--length", "129", "--family", "normal-4", "--samples", "3", "--json",
        file,
        "--threads", "1",
      ]
    }
    let outcome = try await run(
      words + options, environment: ["PYTHONPATH": folder.url.path])
    return (outcome, (try? results(in: file).accuracy) ?? [])
  }

  @Test("A good one passes in every format, under its own name or another")
  func good() async throws {
    let (outcome, rows) = try await audit("mine=ops:good", format: nil)
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(rows.count == 8 && rows.allSatisfy { $0.implementation == "mine" })
    #expect(Set(rows.map(\.inputFormat)) == [.float16, .bfloat16, .float32, .float64])
    #expect(rows.allSatisfy { $0.failure == nil && $0.mismatches == 0 })
  }

  @Test(
    "What is wrong with a call is a finding with the callable's words",
    arguments: [
      ("raises", "length 129: refusal: ValueError: too long for me"),
      ("wrong_shape", "rubbish: it returned the shape (1, 8) for the shape (3, 8)"),
      ("wrong_type", "rubbish: it returned float16, where it gave float32 before"),
      ("nothing", "rubbish: it returned None"),
      ("exits", "crash: the worker exited with status 4"),
      ("stops", "refusal: SystemExit: 4"),
      ("in_place", "element 0 of the input was changed"),
    ])
  func findings(_ function: String, _ complaint: String) async throws {
    let (outcome, rows) = try await audit("ops:\(function)")
    #expect(outcome.status == 1)
    #expect(outcome.notes.contains(complaint), "\(outcome.notes)")
    #expect(rows.count == 2)
  }

  @Test("A call that does not end is killed in time, and what is printed or forked does no harm")
  func conduct() async throws {
    // Trying a format hangs too, and is one of the three times that are waited for.
    let (never, _) = try await audit("ops:never", options: ["--time-limit", "1"])
    #expect(never.status == 1)
    #expect(
      never.notes.contains("hang: no answer within 1.0 s to the first call"), "\(never.notes)")

    let (hung, rows) = try await audit("ops:hangs", options: ["--time-limit", "2"])
    #expect(hung.status == 1)
    #expect(rows.compactMap { $0.failure?.kind } == [.hang, .hang])
    for function in ["prints", "forks"] {
      let (outcome, _) = try await audit("ops:\(function)")
      #expect(outcome.status == 0, "\(outcome.notes)")
    }
  }

  @Test(
    "What cannot be loaded is status 2 with one sentence",
    arguments: [
      ("nowhere:f", "importing nowhere raised ModuleNotFoundError: No module named 'nowhere'"),
      ("ops:missing", "ops has no missing"), ("ops:not_callable", "is no callable but int"),
      ("ops:refuses", "ops:refuses cannot be called: TypeError: not today"),
      ("ops:masked", "ops:masked needs mask besides the logits; give it as --argument mask=VALUE"),
      ("./nowhere.py:f", "there is no file ./nowhere.py"),
    ])
  func unloadable(_ function: String, _ complaint: String) async throws {
    let (outcome, _) = try await audit(function)
    #expect(outcome.status == 2)
    #expect(outcome.notes.contains(complaint), "\(outcome.notes)")
    #expect(outcome.notes.split(separator: "\n").count == 1)
  }

  @Test("A text that names no callable is a mistake on the command line")
  func usage() async throws {
    try await run("audit --python ops").expectRefusal(
      64,
      "--python ops: name a callable, as in package.module:callable or file.py:callable")
    try await run("audit --argument a=1").expectRefusal(
      64, "--argument belongs to --python; there is none")
    try await run("audit --python ops:f --argument a").expectRefusal(
      64, "--argument a: write NAME=VALUE")
    try await run("audit --python-executable python3").expectRefusal(
      64, "--python-executable belongs to --python, --library or --onnx; there is none")
  }

  @Test("How a callable is called is said once and kept with the results, and so are its arguments")
  func ways() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("by_path.py", Data(Self.module.utf8))
    let file = folder.path("results.json")
    let words = [
      "audit", "--python-executable", libraryPython ?? "", "--format", "float32", "--length", "8",
      "--family", "normal-4", "--max-ulp", "64", "--json", file, "--python",
    ]
    for (name, way) in [
      ("by_path:with_dim", "called with NumPy arrays, dim="),
      (
        "by_path:no_axis",
        "called with NumPy arrays along its last axis only; other axes are moved there and back"
      ),
    ] {
      let callable = path + ":" + name.split(separator: ":")[1]
      let outcome = try await run(words + [callable])
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(outcome.notes == "note: \(name): \(way)\n")
      let all = try results(in: file)
      #expect(all.accuracy.map(\.implementation) == [name])
      #expect(all.environment.implementations?[name]?["call"] == way)
    }
    // Half the logits: the error of a softmax that was told another temperature.
    let cold = try await run(words + [path + ":with_dim", "--argument", "temperature=2"])
    #expect(cold.status == 1)
    #expect(
      try results(in: file).environment.implementations?["by_path:with_dim"]?[
        "argument temperature"]
        == "2")
    let unknown = try await run(words + [path + ":with_dim", "--argument", "temprature=2"])
    #expect(unknown.status == 2)
    #expect(
      unknown.notes.contains("has no argument temprature; it has x, dim, temperature"),
      "\(unknown.notes)")
  }

  @Test("The tests of the worker in Python pass")
  func worker() async throws {
    let outcome = try await run(
      program: libraryPython ?? "",
      ["-B", "-m", "unittest", "discover", "-s", testsFolder + "/PythonPackageTests"])
    #expect(outcome.status == 0, "\(outcome.notes)")
  }

  @Test(
    "check starts few interpreters: each serves one law after the other as long as they are kept")
  func interpreters() async throws {
    let folder = try TemporaryFolder()
    let log = folder.path("imports")
    let module = "import os\nopen(os.environ['IMPORTS'], 'a').write('x')\n" + Self.module
    _ = try folder.file("counted.py", Data(module.utf8))
    let outcome = try await run(
      [
        "check", "--python", "counted:good", "--python-executable", libraryPython ?? "",
        "--format", "float32", "--effort", "0.05", "--law", "r*", "--law", "s*", "--law", "p*",
        "--law", "determinism",
      ], environment: ["PYTHONPATH": folder.url.path, "IMPORTS": log])
    #expect(outcome.status == 0, "\(outcome.output)")
    // Two rows of laws, the first of which goes on with the one that formats were tried with, and
    // two fresh ones.
    let imports = try String(contentsOfFile: log, encoding: .utf8).count
    #expect((2...4).contains(imports), "\(imports)")
  }

  @Test("Conduct that is watched in Python is judged, and other conduct is never called kept")
  func watchedConduct() async throws {
    let (bad, _) = try await audit(
      "ops:rounds_down", "check", options: ["--law", "environment-kept"])
    #expect(bad.status == 1)
    #expect(
      bad.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        .contains("since a call, results are rounded down; before, results are rounded to nearest"),
      "\(bad.output)")
    for law in ["environment-kept", "input-untouched"] {
      let (good, _) = try await audit(
        "ops:good", "check", options: ["--law", law, "--effort", "0.1"])
      #expect(good.status == 0, "\(good.output)")
    }
    let (unwatched, _) = try await audit(
      "ops:good", "check", options: ["--law", "output-contained"])
    #expect(unwatched.status == 2)
    #expect(
      unwatched.output.contains("output-contained was not measured: the law does"),
      "\(unwatched.output)")
  }

  @Test("A gate takes no law for kept that nobody could watch, and asks for none of them by grade")
  func conductInPolicies() async throws {
    let folder = try TemporaryFolder()
    func policy(_ laws: String) throws -> String {
      try folder.file(
        "policy.yaml",
        Data(
          """
          schema: softmax-audit/policy/1
          effort: 0.05
          rules:
            - implementation: "*"
              laws: \(laws)
              reason: they are what a caller relies on
          """.utf8))
    }
    let chosen = try policy("[environment-kept, input-untouched]")
    let (passed, _) = try await audit(
      "ops:good", "gate", options: ["--policy", chosen], format: nil)
    #expect(passed.status == 0, "\(passed.output)\(passed.notes)")
    let named = try policy("[output-contained]")
    let (open, _) = try await audit("ops:good", "gate", options: ["--policy", named], format: nil)
    #expect(open.status == 2, "\(open.output)\(open.notes)")
  }

  @Test("What Python lacks is not measured by check either, and never called failed")
  func missingEnvironment() async throws {
    for (words, complaint) in [
      (["--python", "no_such_module:softmax"], "no module named 'no_such_module'"),
      (["--python", "ops:good", "--python-executable", "/no/such/python"], "/no/such/python"),
    ] {
      let interpreter =
        words.contains("--python-executable")
        ? [] : ["--python-executable", libraryPython ?? ""]
      let outcome = try await run(["check", "--law", "range"] + words + interpreter)
      #expect(outcome.status == 2)
      #expect(outcome.notes.lowercased().contains(complaint), "\(outcome.notes)")
      #expect(!(outcome.output + outcome.notes).contains("FAILED"))
    }
  }

  @Test("check looks at memory layouts, and finds a callable that takes every array for row-major")
  func layouts() async throws {
    let (bad, _) = try await audit("ops:flat", "check", options: ["--law", "layout"])
    #expect(bad.status == 1)
    #expect(bad.output.contains("laid out columnMajor"), "\(bad.output)")
    let (good, _) = try await audit("ops:good", "check", options: ["--law", "layout"])
    #expect(good.status == 0, "\(good.output)")
  }

  @Test("check looks at integer input: truncated probabilities are rubbish, and uint8 wraps around")
  func integers() async throws {
    let (bad, _) = try await audit("ops:truncates", "check", options: ["--law", "integer-input"])
    #expect(bad.status == 1)
    #expect(bad.output.contains("int32 gives int32 that is off by"), "\(bad.output)")
    let (wraps, _) = try await audit("ops:good", "check", options: ["--law", "integer-input"])
    #expect(wraps.status == 1)
    #expect(wraps.output.contains("uint8 gives float16"), "\(wraps.output)")
    let (kept, _) = try await audit("ops:good", "check", options: ["--law", "output-type"])
    #expect(kept.status == 0, "\(kept.output)")
    let (waived, _) = try await audit(
      "ops:good", "check",
      options: ["--law", "integer-input", "--waive", "integer-input=floats only"])
    #expect(waived.status == 0, "\(waived.output)")
  }

  @Test("check notices a callable that returns the same array again")
  func reusedOutputs() async throws {
    let (bad, _) = try await audit("ops:reuses", "check", options: ["--law", "outputs-kept"])
    #expect(bad.status == 1)
    #expect(bad.output.contains("was overwritten by the next call"), "\(bad.output)")
    let (good, _) = try await audit("ops:good", "check", options: ["--law", "outputs-kept"])
    #expect(good.status == 0, "\(good.output)")
  }

  @Test(
    "assert_softmax passes a good callable in a test suite and raises with the report otherwise")
  func fromTestSuite() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("ops.py", Data(Self.module.utf8))
    let suite = """
      import sys
      sys.path.insert(0, \(quoted(packageFolder)))
      import functools, os, threading
      import ops
      from softmax_audit import assert_softmax
      options = ["--length", "129", "--family", "normal-4", "--samples", "2"]
      one = ["--format", "float32", "--max-ulp", "64", *options]
      assert_softmax(ops.good, *one)
      # What has no name is called in this very process, on a thread of its own.
      places, scale = set(), 1.0
      def closure(x, axis):
          places.add(os.getpid())
          return ops.good(x * x.dtype.type(scale), axis)
      assert_softmax(closure, *one)
      assert_softmax(lambda x, axis: ops.good(x, axis), *one)
      assert_softmax(functools.partial(ops.with_dim, temperature=1.0), *one)
      assert_softmax(closure, "--format", "float32", "--law", "axis", "--law", "determinism", command="check")
      assert places == {os.getpid()}, places
      assert_softmax(ops.with_dim, *one, arguments={"temperature": 1.0})
      for wrong in (lambda x, axis: ops.good(x / 2, axis), functools.partial(ops.with_dim, temperature=2.0)):
          try:
              assert_softmax(wrong, *one)
          except AssertionError as error:
              assert str(error).splitlines()[0].endswith(" failed"), error
          else:
              raise SystemExit("a temperature passes")
      try:
          assert_softmax("ops:missing", *one)
      except AssertionError as error:
          assert "was not judged" in str(error) and " failed" not in str(error).splitlines()[0], error
      else:
          raise SystemExit("what there is not passes")
      try:
          assert_softmax(ops.good, program="/nowhere/softmax-audit")
      except FileNotFoundError as error:
          assert "SOFTMAX_AUDIT" in str(error), error
      else:
          raise SystemExit("a program that there is not passes")
      try:
          assert_softmax("ops:raises", *options)
      except AssertionError as error:
          assert "ValueError: too long for me" in str(error), error
      else:
          raise SystemExit("a callable that raises passes")
      """
    let file = try folder.file("suite.py", Data(suite.utf8))
    let outcome = try await run(
      program: libraryPython ?? "", [file],
      environment: ["PYTHONPATH": folder.url.path, "SOFTMAX_AUDIT": builtProgram.path])
    #expect(outcome.status == 0, "\(outcome.notes)")
  }

  @Test("A recipe for NumPy is measured by its name, and its versions are kept with the results")
  func library() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("results.json")
    let outcome = try await run([
      "audit", "--library", "numpy:max-trick", "--library", "numpy:naive", "--length", "8",
      "--family", "overflow-edge", "--format", "float32", "--json", file,
    ])
    #expect(outcome.status == 1)
    let all = try results(in: file)
    #expect(all.accuracy.map(\.implementation) == ["numpy:max-trick", "numpy:naive"])
    #expect(all.accuracy[0].mismatches == 0 && all.accuracy[1].mismatches > 0)
    #expect(all.environment.implementations?["numpy:naive"]?["numpy"] != nil)
    #expect(all.environment.implementations?["numpy:naive"]?["OMP_NUM_THREADS"] == "1")
  }

  @Test("A library that there is not is a usage error; one that is not installed is status 2")
  func missingLibrary() async throws {
    try await run("audit --library numpi").expectRefusal(
      64, "there is no library \"numpi\"; 'softmax-audit list --libraries' shows those there are")
    let outcome = try await run("audit --library cupy")
    #expect(outcome.status == 2)
    #expect(
      outcome.notes.contains("-m pip install cupy-cuda12x") || outcome.notes.contains("takes none")
    )
  }
}

private let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Sources/ExternalImplementations/PythonPackage").path

private let testsFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().path

private func quoted(_ text: String) -> String { "'" + text + "'" }
