import AuditedOperations

/// The standard by which the accuracy rows of results were judged, as far as it was said.
package struct MeasurementJudging: Codable, Sendable, Equatable {
  /// The limits that errors are compared with.
  package enum Judge: String, Codable, Sendable, Hashable, CaseIterable {
    /// The bound of the declared model; where none is declared, what any sound softmax keeps to.
    case tolerance
    /// Nothing: errors are measured only.
    case nothing
  }

  package var judge: Judge
  /// The model named in place of what implementations declare: that of a built-in variant, or
  /// `none`.
  package var declare: String?
  /// The policy for results below the normal range; nil leaves it to each implementation.
  package var underflow: UnderflowPolicy?
  /// The policy for lanes that have no softmax; nil leaves it to each implementation.
  package var specialLanes: String?
  /// The limit on errors in the normal range, in ULP.
  package var maxUlp: Figure?
  /// The largest |logit| that users promise.
  package var largestLogit: Figure?
  /// The limit on errors of quantised outputs, in steps.
  package var maxSteps: Figure?

  /// The name of the model in results where none is declared and the default tolerance is the
  /// bound.
  package static let undeclared = "undeclared"

  package init(
    judge: Judge, declare: String? = nil, underflow: UnderflowPolicy? = nil,
    specialLanes: String? = nil, maxUlp: Figure? = nil, largestLogit: Figure? = nil
  ) {
    self.judge = judge
    self.declare = declare
    self.underflow = underflow
    self.specialLanes = specialLanes
    self.maxUlp = maxUlp
    self.largestLogit = largestLogit
  }

  /// The options that say the same on a command line.
  package var words: [String] {
    Self.words(
      judge: judge, declare: declare, underflow: underflow, largestLogit: largestLogit?.value,
      specialLanes: specialLanes, maxUlp: maxUlp?.value)
      + (maxSteps.map { ["--max-steps", "\($0.value)"] } ?? [])
  }

  /// A limit that a person set on a figure.
  package struct Limit: Sendable, Equatable {
    package let figure: FigureDescriptor
    /// The option that sets it.
    package let option: String
    package let most: Double
  }

  /// The limits on figures.
  package var limits: [Limit] {
    let all: [(FigureDescriptor, String, Figure?)] = [
      (.maxUlp, "--max-ulp", maxUlp), (.maxSteps, "--max-steps", maxSteps),
    ]
    return all.compactMap { figure, option, most in
      most.map { Limit(figure: figure, option: option, most: $0.value) }
    }
  }

  /// The options that say how findings are judged.
  package static func words(
    judge: MeasurementJudging.Judge = .tolerance, declare: String? = nil,
    underflow: UnderflowPolicy? = nil, largestLogit: Double? = nil, repeats: Int? = nil,
    specialLanes: String? = nil, maxUlp: Double? = nil
  ) -> [String] {
    let options: [(name: String, value: Any?)] = [
      ("--judge", judge == .nothing ? judge.rawValue : nil), ("--declare", declare),
      ("--underflow", underflow?.rawValue), ("--largest-logit", largestLogit),
      ("--repeat", repeats), ("--special-lanes", specialLanes), ("--max-ulp", maxUlp),
    ]
    return options.flatMap { name, value in value.map { [name, "\($0)"] } ?? [] }
  }
}
