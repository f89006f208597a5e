import AuditedOperations
import Basics
import FloatFormats
import LogitFamilies

extension AuditPlan {
  /// The cells of families in formats; where no lengths or number of samples are given, as many as
  /// a family deserves.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  package static func cells(
    selectedBy patterns: [String], of operation: AuditedOperation = .softmax,
    formats: [FloatFormat], lengths: [Int], samples: Int?, largestLogit: Double? = nil,
    isFromOutside: Bool = false
  ) throws -> [Cell] {
    var mistakes = Mistakes()
    let families = try mistakes.collect {
      try AuditPlan.families(of: operation, selectedBy: patterns)
    }
    if let samples, samples < 1 || samples > largestCell {
      mistakes.add(.usage, "--samples \(samples): use a number from 1 to \(largestCell)")
    }
    try mistakes.collect { try LogitLimit.check(largestLogit) }
    for length in lengths where length < 0 || length > LaneGeometry.largestLength {
      mistakes.add(
        .usage, "--length \(length): a length lies between 0 and \(LaneGeometry.largestLength)")
    }
    try mistakes.throwIfAny()
    let cells = cells(
      ofInputs: families ?? [], formats: formats,
      lengths: lengths.isEmpty ? nil : lengths.uniqued(), samples: samples,
      largestLogit: largestLogit ?? .infinity, isFromOutside: isFromOutside)
    if cells.isEmpty, let largestLogit {
      throw UserError(
        .notMeasured,
        operation == .attention
          ? "--largest-logit is about logits, and an attention has scores; leave it out"
          : "--largest-logit \(largestLogit): every family asked for has larger logits; nothing was measured"
      )
    }
    for source in cells.map(\.source) {
      guard let (length, samples) = source.size, length * samples > largestCell else { continue }
      throw UserError(
        .usage,
        "--samples \(samples): with length \(length) the family \(source.name) has more than \(largestCell) logits; use fewer"
      )
    }
    return cells
  }

  /// The families with logits beyond a limit, in a sentence; `nil` where none is left out.
  package static func leftOut(
    _ patterns: [String], of operation: AuditedOperation, formats: [FloatFormat], lengths: [Int],
    largestLogit: Double?
  ) throws -> String? {
    guard let largestLogit else { return nil }
    let names = try families(of: operation, selectedBy: patterns).filter { family in
      formats.contains { format in
        family.applies(to: format)
          && (lengths.isEmpty ? family.usualLengths : lengths).contains {
            !family.staysWithin(largestLogit, as: format, length: $0)
          }
      }
    }.map(\.name)
    return LogitLimit.notAsked(largestLogit, leftOut: names)
  }
}
