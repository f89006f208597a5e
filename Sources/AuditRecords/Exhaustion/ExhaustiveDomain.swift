import AuditedOperations
import Basics
import FloatFormats

/// A finite set of lanes, each of which has a number.
package struct ExhaustiveDomain: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// All ordered pairs of finite numbers of the format, -0 and +0 both.
    case pairs
    /// All lanes of a length whose logits are multiples of a step, up to a limit in size.
    case tuples
    /// The lanes (0, -d) for every positive d of the format below a limit.
    case differences
  }

  package let kind: Kind
  package let format: FloatFormat
  /// The number of logits in a lane.
  package let length: Int
  /// The largest size of a logit; nil where all finite numbers are meant.
  package let limit: Figure?
  /// The distance between neighbouring logits of tuples.
  package let step: Figure?
  /// The number of lanes.
  package let lanes: UInt64

  /// The largest number of lanes that a domain may have.
  package static let greatestLaneCount: UInt64 = 1 << 36
  /// The longest tuples; the error bound of the measurement counts on it.
  package static let greatestLength = 8

  /// A domain.
  ///
  /// - Parameters:
  ///   - kind: The kind of its lanes.
  ///   - format: The format of the logits.
  ///   - length: The length of tuples; the other kinds have lanes of two.
  ///   - limit: For pairs nil means all finite numbers; for tuples and differences it must be
  ///     given.
  ///   - step: For tuples only.
  /// - Throws: `UserError` of kind `usage` where there is no such domain, or it has too many
  ///   lanes.
  package init(
    _ kind: Kind, format: FloatFormat, length: Int? = nil, limit: Double? = nil,
    step: Double? = nil
  ) throws(UserError) {
    self.kind = kind
    self.format = format
    self.limit = limit.map { Figure($0) }
    self.step = step.map { Figure($0) }
    self.length = kind == .tuples ? length ?? 3 : 2
    func demand(_ condition: Bool, _ message: String) throws(UserError) {
      if !condition { throw UserError(.usage, message) }
    }
    if let limit {
      try demand(
        limit > 0 && limit <= format.greatestFinite && format.holds(limit),
        "--limit \(limit): use a positive number that \(format.rawValue) holds exactly")
    }
    try demand(
      kind == .tuples || length == nil || length == 2,
      "--length belongs to tuples; \(kind.rawValue) have two logits")
    try demand(kind == .tuples || step == nil, "--step belongs to tuples")
    let count: UInt64?
    switch kind {
    case .pairs:
      let values = 2 * (format.bits(of: limit ?? format.greatestFinite) + 1)
      let (product, overflow) = values.multipliedReportingOverflow(by: values)
      count = overflow ? nil : product
    case .differences:
      guard let limit else {
        throw UserError(.usage, "differences need --limit: they are the numbers below it")
      }
      count = format.bits(of: limit) - 1
    case .tuples:
      guard let limit, let step else {
        throw UserError(.usage, "tuples need --limit and --step: logits are multiples of the step")
      }
      try demand(step > 0 && step.isFinite, "--step \(step): use a positive number")
      let each = (limit / step).rounded(.down)
      let length = self.length
      try demand(
        (2...Self.greatestLength).contains(length),
        "--length \(length): tuples have from 2 to \(Self.greatestLength) logits")
      // Sizes up to 2^P steps are numbers of the format, if the step is a power of two that it has.
      try demand(
        each <= Double(sign: .plus, exponent: format.precision, significand: 1)
          && step.significand == 1 && format.holds(step),
        "--step \(step): use a power of two that is not below 2^-\(format.precision) of the limit")
      let values = 2 * UInt64(each) + 1
      count = (0..<length).reduce(UInt64(1) as UInt64?) { product, _ in
        product.flatMap { product in
          let (next, overflow) = product.multipliedReportingOverflow(by: values)
          return overflow || next > Self.greatestLaneCount ? nil : next
        }
      }
    }
    guard let count, count <= Self.greatestLaneCount else {
      throw UserError(
        .usage,
        "\(kind.rawValue) of \(format.rawValue) within these limits are more than 2^36 lanes; take a smaller --limit"
      )
    }
    guard count > 0 else {
      throw UserError(.usage, "there is no positive number of \(format.rawValue) below the limit")
    }
    lanes = count
  }

  /// Refuses what the domain would say nothing of.
  ///
  /// Softmax and log-softmax have the same value on a lane and on that lane shifted, so that a lane
  /// (0, -d) stands for all pairs that are d apart, as far as an implementation sees differences
  /// only. The logsumexp moves with the shift: of it such lanes are those with maximum 0 and no
  /// others.
  ///
  /// - Throws: `UserError` of kind `usage`.
  package func check(for operation: AuditedOperation) throws(UserError) {
    guard kind == .differences, operation == .logSumExp else { return }
    throw UserError(
      .usage,
      "--domain differences: a logsumexp moves with its logits, so that a lane (0, -d) stands for no other pair; take pairs or tuples"
    )
  }

  private enum CodingKeys: String, CodingKey {
    case kind, format, length, limit, step, lanes
  }

  /// A domain from a file, which has to be one that can be made.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func mistake(_ words: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: words))
    }
    let format = try container.decode(FloatFormat.self, forKey: .format)
    let (length, lanes) = (
      try container.decode(Int.self, forKey: .length),
      try container.decode(UInt64.self, forKey: .lanes)
    )
    do {
      try self.init(
        container.decode(Kind.self, forKey: .kind), format: format, length: length,
        limit: container.decodeIfPresent(Figure.self, forKey: .limit)?.value,
        step: container.decodeIfPresent(Figure.self, forKey: .step)?.value)
    } catch let error as UserError {
      throw mistake("there is no such domain: \(error.message)")
    }
    guard self.lanes == lanes else {
      throw mistake("the domain has \(self.lanes) lanes, not \(lanes)")
    }
  }

  /// The domain in one sentence.
  package var summary: String {
    switch kind {
    case .pairs:
      let range = limit.map { "numbers up to \($0.value) in size" } ?? "finite numbers"
      return "all ordered pairs of \(range) in \(format), -0 and +0 both"
    case .tuples:
      return
        "all lanes of \(length) multiples of \(step?.value ?? 0) up to \(limit?.value ?? 0) in size"
    case .differences:
      return "the lanes (0, -d) for every \(format) number d with 0 < d < \(limit?.value ?? 0)"
    }
  }

  // MARK: Lanes by number

  /// The number of different logits, where every place takes any of them.
  package var choices: UInt64 {
    switch kind {
    case .pairs:
      return 2 * (format.bits(of: limit?.value ?? format.greatestFinite) + 1)
    case .tuples:
      return 2 * UInt64(((limit?.value ?? 0) / (step?.value ?? 1)).rounded(.down)) + 1
    case .differences:
      return 0
    }
  }
}
