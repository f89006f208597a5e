import FloatFormats
import SoftmaxVariants

/// A promise about the outputs of one lane.
package enum LanePromise {
  /// |output - p| is at most the bound, element by element.
  ///
  /// Where an element may vanish, because results that small may be flushed, a zero is within the
  /// bound whatever it is; the list is empty where none may.
  case bounded([Double], mayVanish: [Bool] = [])
  /// The lane is outside the domain of the declared bound: mismatches are declared, errors are not
  /// judged.
  case outsideDomain
  /// The lane is so long that no sound softmax has a bound there: mismatches count, errors cannot
  /// be judged.
  case unbounded
  /// Nothing is judged, or the lane is special: mismatches count.
  case none

  /// The bounds, if there are any.
  package var bounds: [Double]? { if case .bounded(let bounds, _) = self { bounds } else { nil } }

  /// Whether the domain that somebody declared excuses mismatches.
  package var isOutsideDomain: Bool { if case .outsideDomain = self { true } else { false } }

  /// Whether the lane has a softmax, should be judged, and has no bound.
  var lacksBound: Bool {
    switch self {
    case .outsideDomain, .unbounded: true
    case .bounded, .none: false
    }
  }

  /// The limit for the error of an element; `nil` where nothing is promised of it.
  package func limit(at index: Int, isZero: Bool) -> ErrorLimit? {
    guard case .bounded(let bounds, let mayVanish) = self else { return nil }
    let vanishes = isZero && !mayVanish.isEmpty && mayVanish[index]
    return ErrorLimit(bound: bounds[index], largestRatio: vanishes ? 1 : .infinity)
  }
}

/// The limit for the error of one element.
package struct ErrorLimit {
  /// The bound on |output - p|.
  package var bound: Double
  /// The greatest value that |output - p| / bound counts as: 1 for a zero that is accepted whatever
  /// the bound.
  package var largestRatio = Double.infinity
}

extension LanePromise {
  /// Creates the promise of a model about a lane; nothing where there is no model, or the lane is
  /// special.
  package init(
    of model: SoftmaxVariant?, on profile: LaneProfile?, input: FloatFormat, output: FloatFormat
  ) throws {
    guard let model, let profile else {
      self = .none
      return
    }
    let bound = try model.bound(on: profile, input: input, output: output)
    self = bound.map { .bounded($0) } ?? .outsideDomain
  }
}
