import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Oracle

// The filters against MPFR, element by element, on lanes of every family: how near the errors come
// to the proven bounds.

func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("filter-check: \(message)\n".utf8))
  exit(status)
}

let usage = """
  usage: filter-check single|pair ELEMENTS [SEED]
         filter-check operations ELEMENTS [SEED]
  """
let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count == 2 || arguments.count == 3, arguments[0] == "operations",
  let wanted = Int(arguments[1]), wanted > 0,
  let seed = arguments.count == 3 ? UInt64(arguments[2]) : RunSeed.standard
{
  var isSound = true
  for operation in AuditedOperation.all
  where operation == .softmax || FilteredOperationLane.serves(operation) {
    for format in FloatFormat.allCases
    where format != .float64 || FilteredOperationLane.servesPairs(operation) {
      let finding = try format.open(
        OperationComparison(operation: operation, elements: wanted / 15 + 1, seed: seed))
      print(operation, format, finding.summary)
      if finding.differences > 0 { isSound = false }
    }
  }
  guard isSound else { fail("a figure is not that of MPFR", status: 1) }
  exit(0)
}
guard arguments.count == 2 || arguments.count == 3,
  let filter = arguments.first.flatMap(Filter.init(rawValue:)),
  let wanted = Int(arguments[1]), wanted > 0,
  let seed = arguments.count == 3 ? UInt64(arguments[2]) : RunSeed.standard
else { fail(usage, status: 64) }

let formats = FloatFormat.allCases.filter { filter == .pair || $0 != .float64 }
let threads = ProcessInfo.processInfo.activeProcessorCount
let findings = try await withThrowingTaskGroup(of: [Finding].self) { group in
  for thread in 0..<threads {
    group.addTask {
      try formats.map { format in
        try format.open(
          FilterComparison(
            filter: filter, elements: wanted / formats.count / threads + 1, seed: seed,
            firstSample: thread, stride: threads))
      }
    }
  }
  var merged = formats.map { Finding(format: $0) }
  for try await part in group {
    for (index, finding) in part.enumerated() { merged[index].merge(finding) }
  }
  return merged
}

print(
  "format      elements comparisons  vanishing  largest error, 2^x  of its bound  "
    + "family/length/sample")
var isSound = true
for finding in findings {
  let exponent = finding.error > 0 ? String(format: "%.2f", log2(finding.error)) : "-"
  let share = String(format: "%.3f", finding.share)
  print(
    finding.format.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0),
    String(
      format: "%11d %11d %10d %19@ %13@  ", finding.elements, finding.comparisons,
      finding.vanishing, exponent, share)
      + finding.witness)
  if finding.share > 1 || finding.vanishingErrors > 0 { isSound = false }
}
guard isSound else { fail("an error exceeds its bound", status: 1) }
