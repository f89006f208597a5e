import AuditedOperations
import FloatFormats

/// A log-softmax or a logsumexp in steps, each of which can be replaced by a wrong one.
///
/// What is not replaced is sound. The steps up to the sum are those of ``SoftmaxRecipe``;
/// log-probabilities are (x - m) - ln s, and a logsumexp is m + ln s, or m where that is infinite.
protocol LogarithmRecipe: SoftmaxRecipe {
  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C
  func logProbability<C: BinaryFloat>(
    of logit: C, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C
  func logSumExp<C: BinaryFloat>(
    of lane: Lane<C>, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C
  /// Stores each output at the end.
  func stored<C: BinaryFloat>(_ output: C, _ call: LaneCall) -> C
}

extension LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let maximum = maximum(lane, &call)
    let sum = withUnsafeTemporaryAllocation(of: C.self, capacity: lane.count) { terms in
      for index in lane.indices {
        terms.initializeElement(
          at: index,
          to: exponential(lane[index], minus: maximum, at: index, of: lane.count, call))
      }
      return self.sum(terms, &call)
    }
    let logSum = logarithm(of: sum, call)
    if call.operation == .logSumExp {
      lane[0] = stored(logSumExp(of: lane, maximum, logSum, call), call)
    } else {
      for index in lane.indices {
        lane[index] = stored(logProbability(of: lane[index], maximum, logSum, call), call)
      }
    }
  }

  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C { C.log(sum) }

  func logProbability<C: BinaryFloat>(
    of logit: C, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C {
    (logit - maximum) - logSum
  }

  func logSumExp<C: BinaryFloat>(
    of lane: Lane<C>, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C {
    guard maximum.isInfinite else { return maximum + logSum }
    return lane.contains { $0.isNaN } ? C.nan : maximum
  }

  func stored<C: BinaryFloat>(_ output: C, _ call: LaneCall) -> C { output }
}

/// The recipe with no step replaced.
struct PlainLogarithms: LogarithmRecipe {}
