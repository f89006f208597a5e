import AuditedOperations
import FloatFormats
import PropertyTesting

/// Beyond so many elements of a case derivatives by the outputs are small integers.
private let manyElements = 4096

extension Generator<LawCase> {
  /// The same cases with the inputs that an operation takes beside its first.
  ///
  /// Where the operation takes probabilities each lane of logits becomes its softmax.
  ///
  /// - Parameter adjust: Changes the rule for the inputs to what the law is about.
  func accompanied(
    for operation: AuditedOperation, _ format: FloatFormat,
    _ adjust: @escaping @Sendable (inout AccompanyingInputs) -> Void
  ) -> Generator<LawCase> {
    // Cases of attention hold all their inputs.
    guard operation.hasAccompanyingInputs, operation != .attention else { return self }
    return Generator { source in
      let input = try generate(from: &source)
      var made =
        operation.inputs.first == .probabilities
        ? input.mappingLanes { operation.firstInput(of: $0, in: format) } : input
      var rule = try AccompanyingInputs(for: operation, from: &source)
      // Exact values of equal elements are made once, which makes long lanes cheap.
      if made.logits.count > manyElements, ![.oneHot, .constant].contains(rule.upstream) {
        rule.upstream = .integers
      }
      adjust(&rule)
      made.accompanying = rule
      return made
    }
  }
}

extension AccompanyingInputs {
  /// A rule by chance, of which only the parts vary that an operation looks at.
  init(for operation: AuditedOperation, from source: inout ChoiceSource) throws {
    func draw<Value: RawRepresentable<Int> & CaseIterable>(_ type: Value.Type) throws -> Value? {
      Value(rawValue: try source.integer(in: 0...Value.allCases.count - 1))
    }
    self.init()
    if operation.inputs.contains(.upstream) {
      upstream = try draw(Upstream.self) ?? upstream
    }
    if operation.inputs.contains(.targets) {
      target = try draw(Target.self) ?? target
      weights = try draw(Weights.self) ?? weights
      ignoresLanes = try source.boolean()
      ignoredTarget = try source.integer(in: 0...Self.ignoredTargets.count - 1)
      smoothing = try source.integer(in: 0...Self.smoothings.count - 1)
    }
    seed = try source.integer(in: 0...Self.largestSeed)
  }
}

extension LawCase {
  /// The same case with each lane replaced by a function of it.
  fileprivate func mappingLanes(_ transform: ([Double]) -> [Double]) -> LawCase {
    var mapped = logits
    for number in 0..<laneCount {
      geometry.place(transform(lane(number)), asLane: number, in: &mapped)
    }
    return replacing(logits: mapped)
  }
}
