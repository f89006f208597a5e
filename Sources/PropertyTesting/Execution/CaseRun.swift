/// One case, run: its choices, its value, what the property said and noted.
struct CaseRun<Value: Sendable>: Sendable {
  enum Outcome: Hashable, Sendable {
    case passed
    case failed(reason: String, kind: String)
    case discarded(reason: String)
    /// The generator needed more choices than there are.
    case overrun
  }

  let outcome: Outcome
  /// The value, where the generator came to one.
  let value: Value?
  /// Whether the value was generated, so that its choices make it again.
  let isGenerated: Bool
  let choices: [RecordedChoice]
  let spans: [Span]
  let observations: Observations

  /// Whether the choices are just these: none of them repaired, none left over.
  func took(_ values: [ChoiceValue]) -> Bool { choices.map(\.value) == values }

  var failureKind: String? {
    if case .failed(_, let kind) = outcome { kind } else { nil }
  }
}

/// Runs single cases of a property; shared by all phases and threads.
struct CaseExecutor<Value: Sendable>: Sendable {
  let property: Property<Value>
  let choiceLimit: Int

  /// Generates a value from replayed choices and what follows them, and checks it.
  func run(
    replaying values: [ChoiceValue] = [], then continuation: ChoiceSource.Continuation = .stop,
    limit: Int? = nil
  ) -> CaseRun<Value> {
    var source = ChoiceSource(
      replaying: values, then: continuation, limit: limit ?? choiceLimit)
    var observations = Observations()
    var value: Value?
    let outcome: CaseRun<Value>.Outcome
    do {
      let made = try property.generator.generate(from: &source)
      value = made
      outcome = check(made, &observations)
    } catch Abandonment.discarded(let reason) {
      outcome = .discarded(reason: reason)
    } catch Abandonment.overrun {
      outcome = .overrun
    } catch {
      outcome = .discarded(reason: "the generator threw: \(error)")
    }
    return CaseRun(
      outcome: outcome, value: value, isGenerated: true, choices: source.choices,
      spans: source.spans, observations: observations)
  }

  /// Checks a value that no choices stand behind.
  func run(value: Value) -> CaseRun<Value> {
    var observations = Observations()
    let outcome = check(value, &observations)
    return CaseRun(
      outcome: outcome, value: value, isGenerated: false, choices: [], spans: [],
      observations: observations)
  }

  private func check(_ value: Value, _ observations: inout Observations) -> CaseRun<Value>.Outcome {
    switch property.check(value, &observations) {
    case .passed: .passed
    case .failed(let reason, let kind): .failed(reason: reason, kind: kind)
    case .discarded(let reason): .discarded(reason: reason)
    }
  }
}
