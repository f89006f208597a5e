import AuditedOperations
import FloatFormats
import MultiPrecision

/// A real number to 160 bits: enough that what is lost is nothing next to a rounding of binary64.
final class ExactNumber {
  static let precision = 160
  let value: BigFloat

  init(_ value: consuming BigFloat) { self.value = value }

  convenience init(_ value: Double) { self.init(BigFloat(value)) }

  convenience init(_ compute: (inout BigFloat) -> Void) {
    var number = BigFloat(precision: Self.precision)
    compute(&number)
    self.init(number)
  }
}

/// A computed number, and for each stage so far what it would be had that stage been exact.
struct Staged<C: BinaryFloat> {
  let computed: C
  /// The same number.
  let base: ExactNumber
  /// One for each stage that has a part in it.
  let alternatives: [(stage: Stage, number: ExactNumber)]

  /// A number that is given, not computed.
  init(_ given: C) {
    computed = given
    base = ExactNumber(given.exactDouble)
    alternatives = []
  }

  init(_ computed: C, _ alternatives: [(stage: Stage, number: ExactNumber)]) {
    self.computed = computed
    base = ExactNumber(computed.exactDouble)
    self.alternatives = alternatives
  }

  /// The number, had a stage been exact: the computed one where that stage has no part in it.
  func number(ifExact stage: Stage) -> ExactNumber {
    alternatives.first { $0.stage == stage }?.number ?? base
  }
}

/// Follows one output of a softmax through its stages.
///
/// Every step records its own relative error: its result over that of exact arithmetic on its
/// actual inputs. "Had stage s been exact" is the computation with the errors of s taken out and
/// every other step erring, relatively, as it did. So a stage is also charged with its unavoidable
/// rounding, as it should be: rounding a difference correctly is what `max-trick` owes most of its
/// error to on widely spread logits.
///
/// A step that overflows has no relative error. It is remembered, and what follows is beyond blame.
package final class StageTrace {
  /// The stages in the order in which they came.
  package private(set) var stages: [Stage] = []
  /// The stage whose result was the first to be no finite number although its inputs were.
  package private(set) var overflow: Stage?

  package init() {}

  /// One step: a computed result, its inputs, and the exact operation.
  func step<C: BinaryFloat>(
    _ stage: Stage, _ computed: C, _ inputs: [Staged<C>],
    exactly operation: ([ExactNumber], inout BigFloat) -> Void
  ) -> Staged<C> {
    note(stage)
    let exact = ExactNumber { operation(inputs.map(\.base), &$0) }
    guard computed.isFinite else {
      // -inf for a masked logit, or a difference beyond the format: its exponential is 0 either
      // way.
      if overflow == nil, computed.isNaN || !computed.isNegative,
        inputs.allSatisfy(\.computed.isFinite)
      {
        overflow = stage
      }
      return Staged(computed, [(stage, exact)])
    }
    var alternatives: [(stage: Stage, number: ExactNumber)] = []
    for input in inputs {
      for (other, _) in input.alternatives
      where !alternatives.contains(where: { $0.stage == other }) {
        let number = ExactNumber { number in
          operation(inputs.map { $0.number(ifExact: other) }, &number)
          if other != stage { Self.err(&number, as: computed, from: exact) }
        }
        alternatives.append((other, number))
      }
    }
    if !alternatives.contains(where: { $0.stage == stage }) { alternatives.append((stage, exact)) }
    return Staged(computed, alternatives)
  }

  /// Gives a number the relative error that a computed one has.
  private static func err<C: BinaryFloat>(
    _ number: inout BigFloat, as computed: C, from exact: ExactNumber
  ) {
    guard !exact.value.isZero else { return }
    number.formProduct(BigFloat(computed.exactDouble), .toNearestOrEven)
    number.formQuotient(exact.value, .toNearestOrEven)
  }

  /// The sum of terms, each times a power of two.
  func sum<C: BinaryFloat>(
    of terms: [Staged<C>], scales: [Int]? = nil, computed: C
  ) -> Staged<C> {
    let stage = Stage.sum
    note(stage)
    guard computed.isFinite else {
      if overflow == nil, terms.allSatisfy(\.computed.isFinite) { overflow = stage }
      return Staged(computed, [])
    }
    func total(_ number: (Staged<C>) -> ExactNumber) -> ExactNumber {
      ExactNumber { total in
        total.assign(0, .toNearestOrEven)
        for (index, term) in terms.enumerated() {
          guard let scale = scales?[index] else {
            total.formSum(number(term).value, .toNearestOrEven)
            continue
          }
          guard !term.base.value.isZero else { continue }
          var scaled = BigFloat(copying: number(term).value)
          scaled.formProduct(withPowerOfTwo: scale)
          total.formSum(scaled, .toNearestOrEven)
        }
      }
    }
    let exact = total(\.base)
    var alternatives: [(stage: Stage, number: ExactNumber)] = []
    // All terms went through the same stages.
    for (other, _) in terms.max(by: { $0.alternatives.count < $1.alternatives.count })?
      .alternatives ?? []
    {
      let sum = total { $0.number(ifExact: other) }
      alternatives.append(
        (
          other,
          ExactNumber { number in
            number.assign(sum.value, .toNearestOrEven)
            Self.err(&number, as: computed, from: exact)
          }
        ))
    }
    return Staged(computed, alternatives + [(stage, exact)])
  }

  private func note(_ stage: Stage) { if !stages.contains(stage) { stages.append(stage) } }
}

// MARK: - The steps that softmaxes are made of

extension StageTrace {
  func difference<C: BinaryFloat>(
    _ a: Staged<C>, _ b: Staged<C>, _ stage: Stage = .subtraction
  ) -> Staged<C> {
    step(stage, a.computed - b.computed, [a, b]) {
      $1.setDifference($0[0].value, $0[1].value, .toNearestOrEven)
    }
  }

  func total<C: BinaryFloat>(_ a: Staged<C>, _ b: Staged<C>, _ stage: Stage) -> Staged<C> {
    step(stage, a.computed + b.computed, [a, b]) {
      $1.setSum($0[0].value, $0[1].value, .toNearestOrEven)
    }
  }

  func exponential<C: BinaryFloat>(
    _ x: Staged<C>, _ stage: Stage = .exponential
  ) -> Staged<C> {
    step(stage, C.exp(x.computed), [x]) { $1.setExponential($0[0].value, .toNearestOrEven) }
  }

  func exponentialTwo<C: BinaryFloat>(_ x: Staged<C>) -> Staged<C> {
    step(.exponential, C.exp2(x.computed), [x]) {
      $1.setExponentialTwo($0[0].value, .toNearestOrEven)
    }
  }

  func logarithm<C: BinaryFloat>(_ x: Staged<C>) -> Staged<C> {
    step(.logarithm, C.log(x.computed), [x]) { $1.setLogarithm($0[0].value, .toNearestOrEven) }
  }

  func logarithmOnePlus<C: BinaryFloat>(_ x: Staged<C>) -> Staged<C> {
    step(.logarithm, C.log(onePlus: x.computed), [x]) {
      $1.setLogarithmOnePlus($0[0].value, .toNearestOrEven)
    }
  }

  func quotient<C: BinaryFloat>(
    _ a: Staged<C>, _ b: Staged<C>, _ stage: Stage = .division
  ) -> Staged<C> {
    step(stage, a.computed / b.computed, [a, b]) {
      $1.setQuotient($0[0].value, $0[1].value, .toNearestOrEven)
    }
  }

  func product<C: BinaryFloat>(_ a: Staged<C>, _ b: Staged<C>) -> Staged<C> {
    step(.product, a.computed * b.computed, [a, b]) {
      $1.setProduct($0[0].value, $0[1].value, .toNearestOrEven)
    }
  }

  /// The sum of weights in an order of summation.
  func sum<C: BinaryFloat>(_ terms: [Staged<C>], _ summation: Summation) -> Staged<C> {
    sum(
      of: terms,
      computed: summation.sum(count: terms.count) { Unscaled(Rounded(terms[$0].computed)) }
        .number.value)
  }

  /// The result in the output format, the rounding to it being the last stage.
  func output<C: BinaryFloat, G: BinaryFloat>(
    _ result: Staged<C>, as format: G.Type
  ) -> StagedOutput {
    let rounded = G(rounding: result.computed)
    guard !G.format.contains(C.format) else {
      return StagedOutput(
        computed: rounded.exactDouble,
        alternatives: result.alternatives.map { StagedOutput.Alternative($0.stage, $0.number) })
    }
    note(.outputRounding)
    var alternatives = result.alternatives.map { stage, number in
      StagedOutput.Alternative(
        stage,
        ExactNumber { value in
          value.assign(number.value, .toNearestOrEven)
          Self.err(&value, as: rounded, from: result.base)
        })
    }
    alternatives.append(StagedOutput.Alternative(.outputRounding, result.base))
    return StagedOutput(computed: rounded.exactDouble, alternatives: alternatives)
  }
}

/// One output of a softmax, and what it would be had a stage been exact.
package struct StagedOutput {
  /// The output, as the variant gives it.
  package let computed: Double
  package let alternatives: [Alternative]

  /// An output had one stage been exact.
  package struct Alternative {
    package let stage: Stage
    private let number: ExactNumber

    init(_ stage: Stage, _ number: ExactNumber) {
      self.stage = stage
      self.number = number
    }

    /// The distance from the exact value, in units of a power of two; binary64.
    package func distance(from exact: borrowing BigFloat, unitExponent: Int) -> Double {
      var distance = BigFloat(precision: ExactNumber.precision)
      distance.setDifference(number.value, exact, .toNearestOrEven)
      distance.formProduct(withPowerOfTwo: -unitExponent)
      return distance.double(.toNearestOrEven)
    }
  }
}
