import AuditedOperations
import FloatFormats
import Foundation
import Oracle

// The cost of the oracle on the data of scripts/benchmarks/mpfr_softmax.c;
// scripts/benchmarks/benchmark-oracle compares the two.

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("oracle-benchmark: \(message)\n".utf8))
  exit(64)
}

let usage = """
  usage: oracle-benchmark FORMAT N SEED REPETITIONS
         oracle-benchmark FORMAT N SEED REPETITIONS TIER LANES [OPERATION [SMOOTHING]]
                                            oracle and measurement together; TIER is mpfr or the dispatch level of the
                                            filters: portable, avx2, avx512; OPERATION is softmax where not given,
                                            SMOOTHING, that of labels, 0
         oracle-benchmark FORMAT            prints the oracle's first working precision
         oracle-benchmark levels            prints the dispatch levels of this processor
  """
let arguments = Array(CommandLine.arguments.dropFirst())
if arguments == ["levels"] {
  print(KernelLevel.available.map(\.name).joined(separator: " "))
  exit(0)
}
guard let name = arguments.first, let format = FloatFormat(rawValue: name) else {
  fail("the format must be one of those of softmax-audit\n" + usage)
}

if arguments.count == 1 {
  print(SoftmaxOracle.firstPrecision(for: format))
  exit(0)
}
let numbers = arguments.dropFirst().prefix(3).compactMap { UInt64($0) }
guard [4, 6, 7, 8].contains(arguments.count), numbers.count == 3, !numbers.contains(0)
else { fail(usage) }
let (count, seed, repetitions) = (Int(numbers[0]), numbers[1], Int(numbers[2]))

if arguments.count > 4 {
  guard let lanes = Int(arguments[5]), lanes > 0,
    let operation = AuditedOperation(named: arguments.count > 6 ? arguments[6] : "softmax"),
    operation == .softmax || FilteredOperationLane.serves(operation),
    let smoothing = Double(arguments.count > 7 ? arguments[7] : "0"), 0...1 ~= smoothing,
    let level = arguments[4] == "mpfr"
      ? .best : KernelLevel.available.first(where: { $0.name == arguments[4] })
  else { fail(usage) }
  print(
    try format.open(
      TierTime(
        count: count, lanes: lanes, seed: seed, repetitions: repetitions,
        tier: arguments[4] == "mpfr" ? .mpfr : .filtered, level: level, operation: operation,
        smoothing: smoothing)))
  exit(0)
}
guard format == .float32 || format == .float64 else {
  fail("the oracle alone is timed in float32 and float64\n" + usage)
}

let measured: Measurement
if format == .float32 {
  measured = measure(SampleLogits.make(count: count, seed: seed).map { Float($0) })
} else {
  measured = measure(SampleLogits.make(count: count, seed: seed))
}
let checksum = String(measured.checksum, radix: 16)
print(
  String(repeating: "0", count: 16 - checksum.count) + checksum,
  twoDecimals(measured.times[0]), twoDecimals(measured.times[repetitions / 2]))

/// The logits that were measured and the sorted times in nanoseconds per element.
struct Measurement {
  var checksum: UInt64 = 0
  var times: [Double] = []
}

func measure<F: BinaryFloat>(_ lane: [F]) -> Measurement {
  var result = Measurement()
  for logit in lane {
    result.checksum = result.checksum &* 31 &+ logit.exactDouble.bitPattern
  }
  let oracle = SoftmaxOracle()
  var undecided = 0
  // The first run fills the buffers and is not counted.
  for run in 0...repetitions {
    let start = ContinuousClock.now
    let reference = oracle.softmax(of: lane, in: F.format)
    let elapsed = ContinuousClock.now - start
    undecided += reference.values.count { $0.isUndecided }
    if run > 0 {
      let nanoseconds =
        Double(elapsed.components.attoseconds) * 1e-9
        + Double(elapsed.components.seconds) * 1e9
      result.times.append(nanoseconds / Double(lane.count))
    }
  }
  if undecided > 0 { fail("\(undecided) probabilities are undecided") }
  result.times.sort()
  return result
}

func twoDecimals(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
