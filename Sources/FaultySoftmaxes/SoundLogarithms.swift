import AuditedOperations
import FloatFormats
import RealModule
import SoftmaxVariants

extension SoundSoftmax {
  /// The forms of a log-softmax and of a logsumexp that libraries have; those that declare no model
  /// keep the default tolerance.
  static let logarithms: [SoundSoftmax] =
    bothOperations + [
      SoundSoftmax(
        "log-softmax-less-log1p", "subtracts log1p of the sum without its largest term",
        of: .logSoftmax, LogOfOnePlus()),
      SoundSoftmax(
        "logsumexp-log1p", "adds log1p of the sum without its largest term", of: .logSumExp,
        LogOfOnePlus()),
      SoundSoftmax(
        "log-softmax-plus-log-of-reciprocal", "adds the logarithm of the sum's reciprocal",
        of: .logSoftmax, LogOfReciprocal()),
      SoundSoftmax(
        "log-softmax-promising-shifts",
        "adds up in order, as exact shifts and padding change no bit",
        of: .logSoftmax, promises: ["shift", "padding"], SumInOrder()),
      SoundSoftmax(
        "log-softmax-sorted-sum", "adds up from the smallest term to the largest", of: .logSoftmax,
        promises: ["shift", "padding", "permutation"], SumSorted()),
      SoundSoftmax(
        "log-softmax-nan-everywhere", "gives NaN everywhere in lanes without one, and says so",
        of: .logSoftmax, specialLanes: .nanEverywhere, NaNInWholeLane()),
    ] + declaredLogarithms

  /// Sound steps that serve both operations.
  private static let bothOperations: [SoundSoftmax] = [
    AuditedOperation.logSoftmax, .logSumExp,
  ].flatMap { operation in
    let name = operation.name
    return [
      SoundSoftmax(
        "plain-\(name)", "the recipe that faults of \(name) start from", of: operation,
        PlainLogarithms()),
      SoundSoftmax(
        "\(name)-sixteen-accumulators", "\(name) with a sum as a vector unit of 16 has it",
        of: operation, SumInParts(width: 16)),
      SoundSoftmax(
        "\(name)-online", "\(name) in one pass that rescales its sum where the maximum grows",
        of: operation, RescaledOnline()),
      SoundSoftmax(
        "\(name)-blocks-of-64", "\(name) of blocks of 64, each relative to its own maximum",
        of: operation, RescaledBlocks(width: 64)),
      SoundSoftmax(
        "\(name)-through-base-two",
        "\(name) with exp2 and log2, and constants rounded once each", of: operation,
        InBaseTwo()),
      SoundSoftmax(
        "\(name)-float64-inside", "\(name) computed in float64 and rounded once", of: operation,
        formats: [.float16, .bfloat16, .float32], InFloat64()),
      SoundSoftmax(
        "\(name)-functions-good-to-4-ulp",
        "\(name) whose exponentials and logarithm are 3 ulp off", of: operation, formats: .wide,
        FunctionsOff(places: 3)),
    ]
  }

  /// Built-in variants that declare their own bound.
  private static let declaredLogarithms: [SoundSoftmax] = [
    AuditedOperation.logSoftmax, .logSumExp,
  ].flatMap { operation in
    SoftmaxVariant.all(of: operation)
      .filter { variant in
        // x - log(sum exp(x)) is NaN where all exponentials underflow, which no bound excuses.
        let isSound = operation != .logSoftmax || variant.algorithmName != "naive"
        return isSound && variant.accumulation == nil && variant.summation == .pairwise
      }
      .map { variant in
        SoundSoftmax(
          "declared-\(operation.name)-\(variant.name.split(separator: "/").joined(separator: "-"))",
          "\(variant.formula) for \(operation.name), \(variant.summation.rawValue) sum, declaring its own bound",
          of: operation, formats: .wide, declares: variant, VariantRecipe(variant: variant))
      }
  }
}

/// log1p of all terms but one largest.
private struct LogOfOnePlus: LogarithmRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    guard let largest = terms.firstIndex(of: C.one) else {
      return total(of: terms, 0..<terms.count) - C.one
    }
    return total(of: terms, 0..<largest) + total(of: terms, largest + 1..<terms.count)
  }

  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C {
    C(rounding: Double.log(onePlus: sum.exactDouble))
  }
}

private struct LogOfReciprocal: LogarithmRecipe {
  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C { -C.log(C.one / sum) }
}

private struct SumInOrder: LogarithmRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: false)
  }
}

private struct SumSorted: LogarithmRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    SortedSum().sum(terms, &call)
  }
}

private struct NaNInWholeLane: LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    PlainLogarithms().evaluate(lane, &call)
    guard lane.contains(where: { $0.isNaN }) else { return }
    for index in lane.indices { lane[index] = C.nan }
  }
}

private struct SumInParts: LogarithmRecipe {
  let width: Int
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    withUnsafeTemporaryAllocation(of: C.self, capacity: width) { partial in
      partial.initialize(repeating: C.zero)
      for index in terms.indices {
        partial[index % width] = partial[index % width] + terms[index]
      }
      return total(of: partial, 0..<width)
    }
  }
}

/// After Milakov and Gimelshein.
private struct RescaledOnline: LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    RescaledBlocks(width: 1).evaluate(lane, &call)
  }
}

/// A running maximum and a running sum, rescaled where a block raises the maximum.
private struct RescaledBlocks: LogarithmRecipe {
  let width: Int

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let largest = largest(of: lane, 0..<lane.count)
    guard largest.isFinite, !lane.contains(where: { $0.isNaN }) else {
      return PlainLogarithms().evaluate(lane, &call)
    }
    var (maximum, sum) = (-C.infinity, C.zero)
    for start in stride(from: 0, to: lane.count, by: width) {
      let block = start..<min(start + width, lane.count)
      let own = FaultySoftmaxes.largest(of: lane, block)
      // exp(-inf - -inf) would be NaN: a masked block weighs nothing.
      guard own > -C.infinity else { continue }
      let raised = own > maximum ? own : maximum
      var partial = C.zero
      for index in block { partial = partial + C.exp(lane[index] - raised) }
      sum = sum.isZero ? partial : sum * C.exp(maximum - raised) + partial
      maximum = raised
    }
    let logSum = C.log(sum)
    if call.operation == .logSumExp {
      lane[0] = maximum + logSum
    } else {
      for index in lane.indices { lane[index] = (lane[index] - maximum) - logSum }
    }
  }
}

private struct InBaseTwo: LogarithmRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    C.exp2((logit - maximum) * C(rounding: 0x1.71547652b82fep+0))
  }

  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C {
    C(rounding: Double.log2(sum.exactDouble)) * C(rounding: 0x1.62e42fefa39efp-1)
  }
}

private struct InFloat64: LogarithmRecipe {
  func computingFormat(for input: FloatFormat) -> FloatFormat { .float64 }
}

private struct FunctionsOff: LogarithmRecipe {
  let places: Int64

  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return term < C.one ? moved(term, byPlaces: places) : term
  }

  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C {
    moved(C.log(sum), byPlaces: places)
  }
}
