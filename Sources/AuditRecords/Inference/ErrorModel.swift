import AuditedOperations
import FloatFormats

/// A construction of a softmax, or of a logarithm of one, that says nothing of itself, as far as
/// its errors tell.
package struct ErrorModel: Sendable, Equatable, Codable {
  /// The way x - m reaches the exponential.
  package enum Subtraction: String, Sendable, Equatable, Codable, CaseIterable {
    /// Without a rounding that shows, or not at all.
    case exact
    /// One rounding.
    case rounded
    /// Rounded, multiplied by a rounded log2 e, rounded: three errors of d u.
    case scaled
  }

  /// The order in which terms are added.
  package enum Order: Sendable, Equatable {
    /// With one rounding, as in a wider format.
    case exact
    /// One after the other, the errors added up apart.
    case compensated
    /// Halves first.
    case pairwise
    /// Pairwise over blocks of 128 terms, which 8 accumulators add up.
    case blocks
    /// So many interleaved accumulators.
    case lanes(Int)
    case sequential

    /// Smallest bound first, for long lanes.
    package static let all: [Order] =
      [.exact, .pairwise, .compensated, .blocks] + [128, 64, 32, 16, 8, 4, 2].map { .lanes($0) } + [
        .sequential
      ]

    /// A short name.
    package var name: String {
      switch self {
      case .exact: "exact"
      case .compensated: "compensated"
      case .pairwise: "pairwise"
      case .blocks: "blocks"
      case .lanes(let width): "lanes-\(width)"
      case .sequential: "sequential"
      }
    }

    /// In words.
    package var words: String {
      switch self {
      case .exact: "exactly rounded summation"
      case .compensated: "compensated summation"
      case .pairwise: "pairwise summation"
      case .blocks: "pairwise summation of blocks"
      case .lanes(let width): "\(width)-lane summation"
      case .sequential: "sequential summation"
      }
    }
  }

  /// The format of everything but the sum.
  package var computing: FloatFormat
  /// K: the accuracy of exp, and of log where there is one, in units in the last place of the
  /// computing format.
  package var exponentialUlps: Double
  package var subtraction: Subtraction
  package var order: Order
  /// The format of the sum.
  package var accumulation: FloatFormat
  /// Whether results below the normal range may be 0.
  package var flushes: Bool

  package init(
    computing: FloatFormat, exponentialUlps: Double, subtraction: Subtraction, order: Order,
    accumulation: FloatFormat, flushes: Bool
  ) {
    self.computing = computing
    self.exponentialUlps = exponentialUlps
    self.subtraction = subtraction
    self.order = order
    self.accumulation = accumulation
    self.flushes = flushes
  }

  /// Whether it may serve as a budget: an exp good to 4 ulp, and sums not narrower than the rest.
  ///
  /// Beyond that, any fault would fit its own budget.
  package var isSound: Bool {
    exponentialUlps <= 4 && accumulation.precision >= computing.precision
  }

  /// In words.
  package var words: String { words(of: .softmax) }

  /// In words, as a construction of an operation.
  package func words(of operation: AuditedOperation) -> String {
    let (name, functions) =
      operation == .softmax ? ("max-trick", "exp") : (operation.formula, "exp and log")
    let exponential =
      "\(functions) good to \(exponentialUlps == 0.5 ? "half an" : "\(Int(exponentialUlps))") ulp"
    let shift =
      switch subtraction {
      case .exact: "no error of the subtraction"
      case .rounded: "rounded subtraction"
      case .scaled: "subtraction scaled by log2 e"
      }
    let sums =
      accumulation == computing ? order.words : "\(order.words) in \(accumulation.rawValue)"
    return "\(computing.rawValue) \(name) with \(sums), \(exponential), \(shift)"
      + (flushes ? ", flushing to zero" : "")
  }
}

extension ErrorModel.Order: Codable {
  /// Reads a short name.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    let width = name.hasPrefix("lanes-") ? Int(name.dropFirst(6)) : nil
    guard let order = width.map({ .lanes($0) }) ?? Self.all.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(name)\" is no order of summation")
    }
    self = order
  }

  /// Writes the short name.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
