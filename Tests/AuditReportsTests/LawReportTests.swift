import AuditReports
import AuditedOperations
import FloatFormats
import Foundation
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

private func lawRow(
  _ implementation: String, _ law: String, _ verdict: LawVerdict,
  _ change: (inout PropertyRow) -> Void = { _ in }
) -> PropertyRow {
  var row = PropertyRow(
    implementation: implementation, inputFormat: .float32, outputFormat: .float32,
    operation: .softmax, law: law, statement: "A larger logit has a larger output.",
    grade: .required, verdict: verdict, cases: 1200, tolerance: "none: the order is exact")
  change(&row)
  row.cause = Law.named(law)?.usualCause(of: row)
  return row
}

private let simplest = PropertyRow.Counterexample(
  logits: ["0x1.64p+6", "-inf"], shape: [2], axis: 0, computed: ["nan", "0x0p+0"],
  expected: ["1.0", "0"], failure: "output 0 is nan: not a probability", irrelevant: [1],
  digest: "00000000000000ff",
  replay: "softmax-audit check --implementation a --format float32 --law range --replay case1-AA")

private let worst = PropertyRow.Counterexample(
  logits: (0..<40).map { $0 < 20 ? "0x1p+0" : "-0x1.8p+\($0)" }, shape: [2, 20], axis: 1,
  computed: (0..<40).map { _ in "0x1p-4" }, expected: [],
  failure: "output 7 is 0x1p-4 (0.0625), and 0x1p-3 (0.125) after a change", severity: 1234.5,
  irrelevant: [], digest: "00000000000000aa",
  replay: "softmax-audit check --implementation a --format float32 --law range --replay pt1-AA")

private let rows: [PropertyRow] = [
  lawRow("a/b", "range", .failed) {
    $0.reason = "output 0 is nan: not a probability"
    $0.counterexample = simplest
    $0.worst = worst
  },
  lawRow("a/b", "shift", .passed),
  lawRow("a/b", "uniform", .waived) { $0.reason = "waived: known; output 3 is off" },
  lawRow("c", "range", .passed),
  lawRow("c", "layout", .notMeasured) { $0.reason = "the law does not apply: row-major only" },
  lawRow("evil\u{1B}[31m|name", "determinism", .failed) {
    $0.reason = "depends on history: output 0 differs"
    $0.callLog = ["call 1: shape [2], axis 0, logits 00", "call 2: shape [3], axis 0, logits 11"]
  },
]

@Suite("The report of a check")
struct LawReportTests {
  let snapshots = Snapshots(of: .module)

  @Test("Has not changed")
  func snapshot() throws {
    let text = LawTextReport.render(rows)
    #expect(try snapshots.difference(of: text, from: "laws.txt") == nil)
  }

  @Test("Keeps to 80 columns but for witnesses and commands, and sends nothing to the terminal")
  func width() {
    let text = LawTextReport.render(rows)
    #expect(!text.contains("\u{1B}"))
    for line in text.split(separator: "\n") where !line.contains("replay:") {
      #expect(line.count <= 90, "\(line)")
    }
  }

  @Test("Tells a witness that breaks several laws once, and a call without an answer once for all")
  func sharedFaults() {
    func failure(
      _ law: String, _ reason: String, _ format: FloatFormat, logits: [String]
    ) -> PropertyRow {
      lawRow("a", law, .failed) {
        ($0.inputFormat, $0.outputFormat) = (format, format)
        $0.reason = reason
        var witness = simplest
        witness.logits = logits
        $0.counterexample = witness
      }
    }
    let crash = "a call brought no answer (crash): signal 6"
    let text = LawTextReport.render([
      failure("range", "output 0 is nan: off", .float16, logits: ["1", "2"]),
      failure("range", "output 0 is 0x1p+3 (8.0): off", .float32, logits: ["1", "2"]),
      failure("axis", "output 0 is inf: off", .float32, logits: ["1", "2"]),
      failure("axis", "output 0 is inf: off", .float64, logits: ["3", "4"]),
      failure("shift", crash, .float16, logits: ["5"]),
      failure("bias", crash + "; the law was not tried further", .float32, logits: ["6"]),
    ])
    let stories = text.split(separator: "\n").filter { $0.hasPrefix("FAILED") }
    #expect(
      stories == [
        "FAILED 2 laws: a in float16, float32", "FAILED axis: a in float64",
        "FAILED 2 laws: a in float16, float32",
      ])
    #expect(text.contains("breaks 2 laws: range, axis"))
    #expect(text.contains("breaks 2 laws: shift, bias"))
    // What the laws usually catch says nothing of a crash.
    #expect(text.components(separatedBy: "usually:").count == 3)
  }

  @Test("Counts the logits that a result leaves out")
  func elided() {
    var cut = worst
    cut.logits = (0..<40).map { "0x1p+\($0)" }
    cut.elided = 1000
    let text = LawTextReport.render([
      lawRow("a", "range", .failed) { $0.counterexample = cut }
    ])
    let shown = text.split(separator: "\n").count { $0.contains("0x1p-4") }
    #expect(shown > 0 && shown < 40)
    #expect(text.contains("... \(1040 - shown) more; digest 00000000000000aa"), "\(text)")
  }

  @Test("Begins at what is wrong where that stands behind much that is right")
  func wrongPlace() {
    var late = worst
    late.logits = (0..<40).map { "0x1p+\($0)" }
    late.expected = (0..<40).map { $0 == 30 ? "0.5" : "0.0625" }
    let text = LawTextReport.render([
      lawRow("a", "range", .failed) { $0.counterexample = late }
    ])
    #expect(text.contains("... 30 before") && text.contains("0.5"), "\(text)")
    #expect(!text.contains("0x1p+29 "), "\(text)")
  }

  @Test("Shows one output for each lane where an operation gives one number")
  func outputsOfLanes() {
    var lanes = worst
    (lanes.computed, lanes.expected) = (["0x1p+2", "0x1p+3"], ["4.0", "9.5"])
    var row = lawRow("a", "range", .failed) { $0.counterexample = lanes }
    row.operation = .logSumExp
    let text = LawTextReport.render([row])
    #expect(text.contains("output of lane"), "\(text)")
    #expect(
      text.contains("\n    1                               0x1p+3                9.5"), "\(text)")
  }

  @Test("Names --largest-logit where every witness has a logit from 1000 on, and only there")
  func largestLogit() {
    func advice(_ witnesses: [[String]], elided: Int? = nil) -> Bool {
      let rows = witnesses.map { logits in
        lawRow("a", "range", .failed) {
          $0.counterexample = simplest
          $0.counterexample?.logits = logits
          $0.counterexample?.elided = elided
        }
      }
      return LawTextReport.render(rows).contains("--largest-logit")
    }
    #expect(advice([["0x1.f4p+9", "0x0p+0"]]))
    #expect(advice([["-0x1p+60", "-inf"], ["0x0p+0", "0x1.f4p+9"]]))
    #expect(!advice([["0x1.f3p+9", "0x0p+0"]]))
    #expect(!advice([["0x1p+60"], ["0x1p+0"]]))
    // Infinities and NaNs are no range of logits, and logits left out may be smaller.
    #expect(!advice([["inf", "nan"]]))
    #expect(!advice([["0x1p+60"]], elided: 5))
  }

  @Test("Tells as many failures as asked for, and says how many are left")
  func limit() {
    let text = LawTextReport.render(rows, failuresShown: 1)
    #expect(text.contains("1 more failure:"))
    #expect(text.split(separator: "\n").count { $0.hasPrefix("FAILED") } == 1)
  }
}

@Suite("The report of a self-test")
struct KillMatrixReportTests {
  let snapshots = Snapshots(of: .module)

  private let matrix = KillMatrix(
    laws: ["range", "shift", "uniform"],
    faulty: [
      .init(
        implementation: "no-maximum", format: .float32, bugClass: "OV",
        broken: ["range", "shift"], notMeasured: []),
      .init(
        implementation:
          "a-name-that-is-much-longer-than-the-room-that-there-is-for-it-in-the-table",
        format: .bfloat16, bugClass: "LP", broken: ["uniform"], notMeasured: []),
      .init(
        implementation: "unnoticed", format: .float64, bugClass: "AP", broken: [],
        notMeasured: []),
    ],
    sound: [
      .init(
        implementation: "max-trick", format: .float16, bugClass: nil, broken: [],
        notMeasured: []),
      .init(
        implementation: "online", format: .float16, bugClass: nil, broken: ["shift"],
        notMeasured: ["range: no case"]),
    ])

  @Test("Has not changed")
  func snapshot() throws {
    let text = KillMatrixReport.render(matrix)
    #expect(try snapshots.difference(of: text, from: "kill-matrix.txt") == nil)
  }

  @Test("The matrices of operations stand one after the other, each with its own laws")
  func operations() {
    var both = matrix
    both.laws.append("differences")
    both.operations = [
      .init(operation: .softmax, laws: matrix.laws),
      .init(operation: .logSoftmax, laws: ["shift", "differences"]),
    ]
    both.faulty.append(
      .init(
        implementation: "log-softmin", operation: .logSoftmax, format: .float32, bugClass: "WD",
        broken: ["differences"], notMeasured: []))
    #expect(both.parts.map(\.matrix.laws) == [matrix.laws, ["shift", "differences"]])
    #expect(both.parts.map(\.matrix.faulty.count) == [3, 1])
    let text = KillMatrixReport.render(both)
    #expect(text.hasPrefix("Laws of softmax\n  a  range\n"))
    #expect(text.contains("\n\nLaws of log-softmax\n  a  shift\n  b  differences\n"))
    #expect(text.contains("\n\nFaulty implementations of log-softmax, by class of fault"))
    #expect(text.contains("Noticed: 3 of 4 faulty implementations"))
  }

  @Test("Counts what was not noticed, what was flagged, and what one law alone notices")
  func counts() {
    #expect(matrix.survivors.map(\.implementation) == ["unnoticed"])
    #expect(matrix.falseAlarms.map(\.implementation) == ["online"])
    #expect(matrix.soleCatches.map(\.law) == ["uniform"])
  }
}
