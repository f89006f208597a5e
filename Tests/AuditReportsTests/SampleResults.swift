import AuditedOperations
import FloatFormats

@testable import AuditRecords

/// A row with quiet figures, to be made interesting.
func row(
  _ implementation: String, _ format: FloatFormat, to output: FloatFormat? = nil,
  family: String = "normal-4",
  length: Int = 8, lanes: UInt64 = 2, _ change: (inout AccuracyRow) -> Void = { _ in }
) -> AccuracyRow {
  let elements = lanes * UInt64(length)
  var row = AccuracyRow(
    implementation: implementation, inputFormat: format, outputFormat: output ?? format,
    operation: .softmax, family: family, length: length, shape: [Int(lanes), length], axis: 1)
  row.lanes = lanes
  row.elements = elements
  row.finitePairs = elements
  row.normalPairs = elements
  row.maxUlp = 0.75
  row.meanUlp = 0.25
  row.rmsUlp = 0.375
  row.meanSignedUlp = -0.125
  row.p50Ulp = 0.25
  row.p95Ulp = 0.5
  row.p99Ulp = 0.625
  row.correctlyRounded = 0.8125
  row.faithful = 1.0
  row.maxNormUlp = 0.5
  row.maxScaled = 1.25
  row.maxScaledOfNormal = 1.25
  row.meanScaled = 0.375
  row.maxTotalVariation = Figure(0x1p-24)
  row.meanTotalVariation = Figure(0x1p-26)
  row.maxSumError = 0x1p-24
  row.bound = AccuracyRow.Bound(model: implementation, maxRatio: 0.5, outsideDomain: 0)
  row.nsPerElement = 12.5
  change(&row)
  return row
}

/// A witness with an error.
func witness(_ ulp: Figure) -> AccuracyRow.Witness {
  .init(
    logits: ["0x1p+0", "-inf", "0x1.8p-4"], elided: 5, sample: 1, index: 2, computed: "0x1.8p-2",
    exact: "3.749999999999999999999999999999999999999e-1", ulp: ulp)
}

/// Errors of some outputs of a float32 cell.
let sample = ErrorSample(
  outputs: 100, signedBins: [-9, -2, -1, 0, 1, 3], signedCounts: [1, 20, 30, 29, 19, 1],
  octaves: [-152, -128, -16, -8, 0], octaveMaxima: [0.5, 1.0, 0.75, 3.5, 0.0],
  decades: [0, 1, 3], decadeMaxima: [0.75, 1.5, 64.0])

/// The outcome of a law.
func law(
  _ name: String, _ implementation: String, _ verdict: LawVerdict, in format: FloatFormat = .float32
) -> PropertyRow {
  let counterexample = PropertyRow.Counterexample(
    logits: ["0x1.8p+3", "-inf"], shape: [2], axis: 0, computed: ["nan", "0x0p+0"],
    expected: ["1.0", "0"], change: "0x1p+0 added to every logit",
    computedAfterChange: ["nan", "0x0p+0"], failure: "output 0 is nan", severity: Figure(.infinity),
    irrelevant: [1], digest: "0123456789abcdef",
    replay: "softmax-audit check --law \(name) --replay case1-A")
  return PropertyRow(
    implementation: implementation, inputFormat: format, outputFormat: format,
    operation: .softmax, law: name, statement: "What \(name) says.", grade: .required,
    verdict: verdict, reason: verdict == .passed ? nil : "why it is \(verdict.rawValue)",
    cases: 1000, tolerance: "none",
    counterexample: verdict == .failed ? counterexample : nil, worst: nil, callLog: nil)
}

/// Results with rows.
func results(_ rows: [AccuracyRow], command: String = "softmax-audit audit") -> AuditResults {
  AuditResults(
    tool: .init(name: "softmax-audit", version: "0.0.0"), command: command, seed: 20_180_528,
    oracle: .init(tier: "mpfr", library: "MPFR 4.2.0"),
    environment: .init(platform: "Linux x86-64", processor: "A processor", threads: 2),
    accuracy: rows)
}

/// What a hostile file could hold where names are expected.
let hostileName =
  "evil|`name`<script>alert(1)</script>\n\u{1B}[31m*so_long*~that$no&column#holds!it"

/// Results with every case that a report treats in its own way.
let interestingResults = results(
  [
    row("max-trick/sequential", .float32) {
      $0.worst = witness(0.75)
      $0.maxUlpSubnormal = 0.5
      $0.maxUlpFlushToZero = 0.75
    },
    row("max-trick/sequential", .float32, family: "dust", length: 4096, lanes: 1) {
      $0.maxUlp = 2730.4
      $0.meanUlp = 2728.5
      $0.correctlyRounded = 0.99999
      $0.bound?.maxRatio = 1.6801
      $0.worst = witness(-2730.4)
    },
    row("max-trick/pairwise", .float32),
    row("max-trick/pairwise", .float32, length: 128) { $0.maxUlp = 1.25 },
    row("max-trick/pairwise", .float32, family: "dust", length: 4096, lanes: 1) {
      $0.nsPerElement = nil
      $0.undecided = 3
    },
    row("naive/sequential", .float32, family: "largest") {
      $0.mismatches = 12
      $0.mismatchedLanes = 2
      $0.finitePairs = 4
      $0.maxUlp = Figure(.infinity)
      $0.meanUlp = Figure(.infinity)
      $0.correctlyRounded = 0.0
      $0.faithful = 0.0
      $0.bound?.maxRatio = nil
      $0.bound?.outsideDomain = 16
      $0.worst = witness(Figure(-.infinity))
    },
    row("naive/sequential", .float32, family: "special") {
      $0.mismatches = 1
      $0.mismatchedLanes = 1
      $0.mismatchesInDomain = 1
      $0.finitePairs = 0
      $0.agreedSpecial = 15
      withoutFigures(&$0)
    },
    row("two-pass/lanes-8", .float32, length: 0) { withoutFigures(&$0) },
    row("online/compensated/float32", .float16, family: "llm-peaked", length: 131_072),
    row("online/compensated/float32", .float16, to: .float32, family: "file:logits.npy"),
    row(hostileName, .bfloat16, family: hostileName) {
      $0.mismatches = 12_345_678_901
      $0.mismatchedLanes = 2
      $0.maxUlp = Figure(0x1p-1060)
      $0.meanUlp = 1e-300
      $0.bound?.maxRatio = 0x1p-1022
      $0.nsPerElement = 1e12
      $0.worst = witness(Figure(0x1p-1060))
    },
    row("", .float64) { $0.mismatches = 4 },
  ], command: "softmax-audit audit --implementation 'a|b`c' --logits '<x>.npy'")

/// Results of wrong kernels, with all that is told of wrong outputs, and of one whose outputs are
/// mostly 0.
var faultyResults: AuditResults {
  var faulty = results([
    row("temperature", .float32, family: "normal-20", length: 128) {
      $0.maxUlp = 1.25e7
      $0.worst = witness(1.25e7)
      $0.bound?.model = MeasurementJudging.undeclared
      $0.bound?.maxRatio = 2.5e5
      $0.bound?.worst = witness(-2048.0)
      $0.resembles = "the softmax of the logits times 0.5 (a temperature)"
    },
    row("unwritten", .float32, family: "normal-20", length: 128) {
      $0.bound?.model = MeasurementJudging.undeclared
      $0.mismatches = 21
      $0.mismatchedLanes = 2
      $0.mismatchesInDomain = 21
      var kinds = MismatchKinds()
      (kinds.nan, kinds.infinite, kinds.negative) = (6, 5, 4)
      (kinds.masked, kinds.special, kinds.unwritten) = (3, 2, 1)
      $0.mismatchKinds = kinds
    },
    row("vocabulary", .float16, family: "llm-entropy-6", length: 128_256) {
      $0.normalPairs = 733
      $0.zeros = 224_448
      $0.bound?.model = MeasurementJudging.undeclared
      $0.bound?.worst = witness(0.5)
    },
  ])
  faulty.judging = .init(judge: .tolerance)
  return faulty
}

/// Takes out what a row without finite outputs does not have.
private func withoutFigures(_ row: inout AccuracyRow) {
  row.maxUlp = nil
  row.meanUlp = nil
  row.rmsUlp = nil
  row.meanSignedUlp = nil
  row.p50Ulp = nil
  row.p95Ulp = nil
  row.p99Ulp = nil
  row.correctlyRounded = nil
  row.faithful = nil
  row.maxNormUlp = nil
  row.maxSumError = nil
  row.bound = nil
  row.nsPerElement = nil
}
