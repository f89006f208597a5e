import AuditedOperations
import FloatFormats
import SoftmaxVariants

/// The ratio that a variant must reach in some format.
private let leastRatio = 0.5
/// The least number of outputs of each variant that are compared with a bound.
private let leastElements = 10_000
/// The part of the outputs that may be undecided: where all terms of a gradient but some beyond the
/// precision of the oracle cancel.
private let mostUndecided = 0x1p-10

/// Prints how near the variants of an operation other than softmax come to their bounds.
///
/// - Returns: What is wrong with a bound.
func reportOperation(_ operation: AuditedOperation, seed: UInt64) async -> [String] {
  print("\(operation): |y - v| / bound, largest, over all lanes in the domain of the bound")
  row("variant", "format", "elements", [("ratio", "witness")])
  let results: [(FloatFormat, [DeclaredModel], [Tightness])]
  do {
    results = try await sweeps(of: operation, seed: seed)
  } catch {
    fail("\(error)", status: 70)
  }
  var findings: [String] = []
  var largest: [String: Tightness] = [:]
  for (format, models, parts) in results {
    for (model, part) in zip(models, parts) {
      row(model.name, format.rawValue, "\(part.elements)", [cell(part.everywhere)])
      largest[model.name, default: Tightness()].merge(part)
      func check(_ isSound: Bool, _ finding: String) {
        if !isSound { findings.append("\(operation) \(model.name) in \(format): \(finding)") }
      }
      let ratio = part.everywhere.ratio
      check(ratio <= 1, "the bound is exceeded, \(decimals(ratio)) times")
      check(part.mismatches == 0, "\(part.mismatches) mismatches inside the domain of the bound")
      check(
        Double(part.undecided) <= mostUndecided * Double(part.elements),
        "\(part.undecided) ratios are undecided")
    }
  }
  for (name, total) in largest.sorted(by: { $0.key < $1.key }) {
    if total.everywhere.ratio < leastRatio {
      findings.append("\(operation) \(name): no ratio of \(leastRatio)")
    }
    if total.elements < leastElements {
      findings.append("\(operation) \(name): only \(total.elements) outputs have a bound")
    }
  }
  let least = largest.values.map(\.everywhere.ratio).min() ?? 0
  let undecided = largest.values.reduce(0) { $0 + $1.undecided }
  print(
    "\(operation): each of \(largest.count) variants reaches \(decimals(least)) or more in some format, "
      + "\(undecided) ratios are undecided")
  print()
  return findings
}

/// The sweeps of all formats, two at a time.
private func sweeps(
  of operation: AuditedOperation, seed: UInt64
) async throws -> [(FloatFormat, [DeclaredModel], [Tightness])] {
  func sweep(_ format: FloatFormat) throws -> (FloatFormat, [DeclaredModel], [Tightness]) {
    let models =
      SoftmaxVariant.all(of: operation).filter { $0.formats.contains(format) }
      .map { DeclaredModel($0) } + DerivedVariant.all(of: operation).map { DeclaredModel($0) }
    let work = OperationSweep(operation: operation, models: models, seed: seed)
    return (format, models, try format.open(work))
  }
  return try await withThrowingTaskGroup(
    of: (FloatFormat, [DeclaredModel], [Tightness]).self
  ) { group in
    for format in FloatFormat.allCases { group.addTask { try sweep(format) } }
    var all: [(FloatFormat, [DeclaredModel], [Tightness])] = []
    for try await part in group { all.append(part) }
    return FloatFormat.allCases.compactMap { format in all.first { $0.0 == format } }
  }
}
