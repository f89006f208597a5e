/// A function of lanes whose implementations are audited: softmax, or one of its neighbours.
///
/// An operation is a value: its name, the roles of its inputs, and its output. The floors above key
/// on it: its exact value (`Oracle/Operations`), its variants with their bounds
/// (`SoftmaxVariants`), and the laws that hold for it. To add one, add it to ``all`` and give it an
/// exact function and variants.
public struct AuditedOperation: Sendable {
  /// The name on the command line, in policies and in results.
  public let name: String
  /// The function in one line, with x the logits of a lane, m the largest and s = sum e^(x - m).
  public let formula: String
  /// The roles of the inputs, in the order in which implementations take them.
  public let inputs: [InputRole]
  /// The output.
  public let output: OperationOutput
  /// An output that implementations may give beside it.
  public let otherOutput: OperationOutput?

  /// The name in C and in Python: that of the operation with `_` for `-`.
  public var symbol: String { name.replacing("-", with: "_") }

  private init(
    _ name: String, _ formula: String, inputs: [InputRole] = [.logits], output: OperationOutput,
    otherOutput: OperationOutput? = nil
  ) {
    self.name = name
    self.otherOutput = otherOutput
    self.formula = formula
    self.inputs = inputs
    self.output = output
  }
}

/// An input of an operation.
public enum InputRole: String, Sendable, Hashable, Codable, CaseIterable {
  /// Any numbers; -inf masks an entry.
  case logits
  /// Numbers that a softmax gave, as they were stored: any finite ones.
  case probabilities
  /// The derivative of something by the outputs: one finite number for each.
  case upstream
  /// One class number for each lane.
  case targets
  /// The queries of an attention, the rows of its scores.
  case query
  /// The keys of an attention, the columns of its scores.
  case key
  /// The values of an attention, one for each key.
  case value

  /// The number of numbers that belong to a lane.
  public var extent: OperationOutput.Extent { self == .targets ? .one : .lane }
}

/// The output of an operation.
public struct OperationOutput: Sendable, Hashable {
  /// The number of numbers that a lane gives.
  public enum Extent: Sendable, Hashable {
    /// One for each element of the lane: the output has the shape of the input.
    case lane
    /// One for the lane: the output lacks the axis, or has it with length 1.
    case one
    /// One for each pair of elements: the output has the axis twice, that of the outputs first.
    case matrix
  }

  /// The role in results and file names, such as `log-probabilities`.
  public let role: String
  public let extent: Extent
  /// Whether the outputs of a lane are probabilities: none is negative, and they sum to one.
  public let isDistribution: Bool
  /// The range of the exact outputs, its ends included.
  public let range: ClosedRange<Double>
  /// The exact output of a logit of -inf in a lane that has finite ones; `nil` where there is no
  /// such output.
  public let masked: Double?

  /// The role in sentences about many outputs.
  public var plural: String {
    switch role {
    case "loss": "losses"
    case "gradient": "gradients"
    case "jacobian": "Jacobians"
    default: role
    }
  }

  init(
    _ role: String, _ extent: Extent, range: ClosedRange<Double> = -.infinity ... .infinity,
    isDistribution: Bool = false, masked: Double? = nil
  ) {
    self.role = role
    self.extent = extent
    self.range = range
    self.isDistribution = isDistribution
    self.masked = masked
  }
}

extension AuditedOperation {
  /// e^(x_i - m) / s: shapes (..., n, ...) to the same.
  public static let softmax = AuditedOperation(
    "softmax", "e^(x - m) / s",
    output: OperationOutput(
      "probabilities", .lane, range: 0...1, isDistribution: true, masked: 0))
  /// x_i - m - ln s: shapes (..., n, ...) to the same.
  public static let logSoftmax = AuditedOperation(
    "log-softmax", "(x - m) - ln s",
    output: OperationOutput(
      "log-probabilities", .lane, range: -.infinity...0, masked: -.infinity))
  /// m + ln s: shapes (..., n, ...) to those without the axis.
  public static let logSumExp = AuditedOperation(
    "logsumexp", "m + ln s", output: OperationOutput("logsumexp", .one))

  /// The loss of a class among those that a lane of logits scores: shapes (..., n, ...) to those
  /// without the axis.
  ///
  /// With l the log-softmax, t the target, w the weights of the classes and e the label smoothing:
  /// w_t (1 - e) (-l_t) + (e / n) sum w_c (-l_c). Classes whose weight is 0 are left out.
  public static let crossEntropy = AuditedOperation(
    "cross-entropy", "w_t (1 - e) (-l_t) + (e / n) sum w (-l), l = (x - m) - ln s",
    inputs: [.logits, .targets], output: OperationOutput("loss", .one, range: 0 ... .infinity))
  /// p_i (g_i - sum p_j g_j): the gradient by the logits, from the logits.
  public static let softmaxVJP = AuditedOperation(
    "softmax-vjp", "p (g - sum p g), p = e^(x - m) / s", inputs: [.logits, .upstream],
    output: OperationOutput("gradient", .lane, masked: 0))
  /// y_i (g_i - sum y_j g_j), y as given: the same gradient, from stored probabilities.
  public static let softmaxBackward = AuditedOperation(
    "softmax-backward", "y (g - sum y g)", inputs: [.probabilities, .upstream],
    output: OperationOutput("gradient", .lane))
  /// g_i - p_i sum g_j: the gradient of a log-softmax by the logits.
  public static let logSoftmaxVJP = AuditedOperation(
    "log-softmax-vjp", "g - p sum g, p = e^(x - m) / s", inputs: [.logits, .upstream],
    output: OperationOutput("gradient", .lane))
  /// The gradient of the lane's own cross-entropy by its logits.
  public static let crossEntropyVJP = AuditedOperation(
    "cross-entropy-vjp", "p (w_t (1 - e) + (e / n) sum w) - q, p = e^(x - m) / s",
    inputs: [.logits, .targets], output: OperationOutput("gradient", .lane))
  /// p_i ([i = j] - p_j), i the output and j the logit: the axis becomes two.
  public static let softmaxJacobian = AuditedOperation(
    "softmax-jacobian", "p_i ([i = j] - p_j), p = e^(x - m) / s",
    output: OperationOutput("jacobian", .matrix, range: -1...1, masked: 0))

  /// sum p_j v_j, p the softmax of the scores of one query: shapes (batch, heads, length,
  /// dimension), see `AttentionRow`.
  public static let attention = AuditedOperation(
    "attention", "sum p v, p = softmax(q . k / sqrt(dimension))",
    inputs: [.query, .key, .value], output: OperationOutput("output", .lane),
    otherOutput: OperationOutput("logsumexp", .one))

  /// The operations whose lanes lie along an axis, in the order in which they are listed and
  /// reported.
  public static let all: [AuditedOperation] = [
    .softmax, .logSoftmax, .logSumExp, .crossEntropy, .softmaxVJP, .softmaxBackward,
    .logSoftmaxVJP, .crossEntropyVJP, .softmaxJacobian,
  ]

  /// All operations: those along an axis, and attention, whose lanes are rows.
  public static let everyOne = all + [.attention]

  /// The names of the operations, with commas.
  package static var names: String { everyOne.map(\.name).joined(separator: ", ") }

  /// The operation of a name; `nil` where there is none.
  public init?(named name: String) {
    guard let found = Self.everyOne.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}

extension AuditedOperation {
  /// The geometry of the output for an input: as many lanes, of as many numbers as a lane gives.
  ///
  /// Where a lane gives one number the axis has length 1; where it gives a matrix, n x n, the two
  /// axes of the matrix are taken as one.
  public func outputGeometry(for input: LaneGeometry) -> LaneGeometry {
    switch output.extent {
    case .lane: input
    case .one: input.replacing(length: 1)
    case .matrix: input.replacing(length: input.length * input.length)
    }
  }

  /// The number of outputs of a lane of a length.
  public func outputCount(ofLength length: Int) -> Int {
    switch output.extent {
    case .lane: length
    case .one: 1
    case .matrix: length * length
    }
  }
}

/// Operations are equal that have one name.
extension AuditedOperation: Hashable {
  public static func == (one: Self, other: Self) -> Bool { one.name == other.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension AuditedOperation: CustomStringConvertible {
  public var description: String { name }
}

/// In JSON an operation is its name.
extension AuditedOperation: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let operation = AuditedOperation(named: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription:
          "\"\(name)\" is no operation; there are \(Self.names)")
    }
    self = operation
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
