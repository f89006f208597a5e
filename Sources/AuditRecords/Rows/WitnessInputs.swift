import AuditedOperations
import FloatFormats

/// The inputs of a witness beside its first.
public struct WitnessInputs: Codable, Sendable, Equatable {
  /// The derivatives by the outputs, in hexadecimal, as many as there are logits in the witness;
  /// `nil` where the operation takes none.
  public var upstream: [String]?
  /// The class of each lane of the witness; `nil` where the operation takes none.
  public var targets: [Int64]?
  /// The label smoothing; `nil` for none.
  public var labelSmoothing: Double?
  /// The target whose lanes do not count; `nil` where no targets are taken.
  public var ignoreIndex: Int64?
  /// The weights of the classes; `nil` where all are 1.
  public var classWeights: [Double]?
  /// The numbers that the values of the keys have in the channel of an output of attention, in
  /// hexadecimal; `nil` for another operation.
  public var values: [String]?
  /// The queries of an attention in hexadecimal, row-major; `nil` for another operation.
  public var query: [String]?
  /// The keys of an attention.
  public var key: [String]?
  /// The values of an attention.
  public var value: [String]?
  /// The dimensions of the queries, slowest first.
  public var queryShape: [Int]?
  /// The dimensions of the keys.
  public var keyShape: [Int]?
  /// The dimensions of the values.
  public var valueShape: [Int]?
  /// The factor of the logits; `nil` for none.
  public var scale: Double?
  /// The soft cap of the logits; `nil` for none.
  public var softcap: Double?
  /// The mask that is added to the logits, in hexadecimal, as many as there are logits in the
  /// witness, of an attention for each query and key of any head; `nil` for nothing.
  public var mask: [String]?
  /// The sink of each lane of the witness, in hexadecimal; `nil` for none.
  public var sink: [String]?
  /// The alignment of a causal mask; `nil` for none.
  public var causal: CausalAlignment?

  package init(
    upstream: [String]? = nil, targets: [Int64]? = nil, labelSmoothing: Double? = nil,
    ignoreIndex: Int64? = nil, classWeights: [Double]? = nil
  ) {
    self.upstream = upstream
    self.targets = targets
    self.labelSmoothing = labelSmoothing
    self.ignoreIndex = ignoreIndex
    self.classWeights = classWeights
  }

  /// Takes over the classes of lanes and the parameters of their losses.
  ///
  /// - Parameter most: How many class weights are kept.
  package mutating func take(
    _ targets: [Int64], _ parameters: CrossEntropyParameters, upTo most: Int
  ) {
    self.targets = targets
    labelSmoothing = parameters.labelSmoothing == 0 ? nil : parameters.labelSmoothing
    ignoreIndex = parameters.ignoreIndex
    classWeights = parameters.classWeights.map { Array($0.prefix(most)) }
  }

  /// Takes over the modifiers of a lane.
  ///
  /// - Parameter most: How many numbers of the mask are kept.
  package mutating func take(_ modifiers: LaneModifiers, upTo most: Int) {
    scale = modifiers.scale
    softcap = modifiers.softcap
    mask = modifiers.mask.map { $0.prefix(most).map(\.hexText) }
    sink = modifiers.sink.map { [$0.hexText] }
  }

  /// The inputs in words, a line for each, with the name of the input and its numbers.
  package var lines: [(name: String, text: String)] {
    func list(_ numbers: [some CustomStringConvertible]) -> String {
      let shown = numbers.prefix(Self.shownNumbers).map(\.description).joined(separator: " ")
      return numbers.count > Self.shownNumbers
        ? "\(shown) and \(numbers.count - Self.shownNumbers) more" : shown
    }
    var lines: [(String, String)] = []
    for (name, numbers, shape) in [
      ("query", query, queryShape), ("key", key, keyShape), ("value", value, valueShape),
    ] {
      guard let numbers else { continue }
      lines.append(("\(name) \(shape ?? [])", list(numbers)))
    }
    if let upstream { lines.append(("upstream", list(upstream))) }
    if let targets { lines.append((targets.count == 1 ? "target" : "targets", list(targets))) }
    if let ignoreIndex, targets?.contains(ignoreIndex) == true {
      lines.append(("ignored target", "\(ignoreIndex)"))
    }
    if let labelSmoothing { lines.append(("label smoothing", "\(labelSmoothing)")) }
    if let classWeights { lines.append(("class weights", list(classWeights))) }
    if let values { lines.append(("values", list(values))) }
    if let scale { lines.append(("scale", "\(scale)")) }
    if let softcap { lines.append(("soft cap", "\(softcap)")) }
    if let mask { lines.append(("mask", list(mask))) }
    if let causal { lines.append(("causal mask", causal.rawValue)) }
    if let sink { lines.append((sink.count == 1 ? "sink" : "sinks", list(sink))) }
    return lines
  }

  private static var shownNumbers: Int { 32 }
}
