import AuditRecords
import AuditedOperations
import FloatFormats

extension WitnessInputs {
  /// The inputs of a case beside its first; `nil` where the operation takes one alone.
  ///
  /// - Parameters:
  ///   - format: The format of the inputs.
  ///   - most: How many numbers of each are kept.
  init?(
    _ input: LawCase, of operation: AuditedOperation, in format: FloatFormat, upTo most: Int
  ) {
    guard let rule = input.accompanying else { return nil }
    let geometry = input.geometry
    self.init()
    if let modifiers = rule.modifiers {
      let lanes = (0..<min(most, geometry.laneCount)).map {
        modifiers.lane(of: input.lane($0), in: format)
      }
      if let first = lanes.first { take(first, upTo: most) }
      if let whole = lanes.first?.mask, geometry.laneCount > 1, !whole.isEmpty {
        var numbers = [Double](repeating: 0, count: geometry.elementCount)
        for (lane, own) in lanes.enumerated() {
          geometry.place(own.mask ?? [], asLane: lane, in: &numbers)
        }
        mask = numbers.prefix(most).map(\.hexText)
      }
      causal = modifiers.causal
      let sinks = lanes.compactMap(\.sink)
      if !sinks.isEmpty { sink = sinks.map(\.hexText) }
    }
    if operation.inputs.contains(.upstream) {
      var numbers = [Double](repeating: 0, count: geometry.elementCount)
      for lane in 0..<geometry.laneCount {
        geometry.place(
          rule.upstream(of: input.lane(lane), in: format), asLane: lane, in: &numbers)
      }
      upstream = numbers.prefix(most).map(\.hexText)
    }
    if operation.inputs.contains(.targets) {
      take(
        (0..<min(most, geometry.laneCount)).map { rule.target(of: input.lane($0)) },
        rule.parameters(ofLength: geometry.length), upTo: most)
    }
  }
}

extension WitnessInputs {
  /// The inputs of a case of attention.
  ///
  /// - Parameters:
  ///   - kinds: The modifiers that are offered: those of the case that count.
  ///   - format: The format of the inputs.
  ///   - most: How many numbers of each are kept.
  init(
    _ input: AttentionCase, offered kinds: Set<ModifierKind>, in format: FloatFormat,
    upTo most: Int
  ) {
    let shape = input.shape
    let modifiers = input.rule.keeping(kinds).modifiers(of: shape, in: format)
    self.init()
    func texts(_ numbers: [Double]) -> [String] { numbers.prefix(most).map(\.hexText) }
    query = texts(input.query)
    key = texts(input.key)
    value = texts(input.value)
    (queryShape, keyShape, valueShape) = (shape.query, shape.key, shape.value)
    scale = modifiers.scale
    softcap = modifiers.softcap
    causal = modifiers.causal
    mask = modifiers.mask.map { texts($0.elements) }
    sink = modifiers.sinks.map { texts($0) }
  }
}
