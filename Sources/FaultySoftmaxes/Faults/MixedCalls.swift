import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Something outlives a call: a format, a shape, a counter.
  static let mixedCallFaults = [
    FaultySoftmax(
      "kernel-chosen-by-the-first-format",
      "takes the kernel of the format that was called first, in every format", .nondeterminism,
      ChosenByFirstFormat()),
    FaultySoftmax(
      "sums-in-the-narrow-format-called-before",
      "rounds the sum to the 16-bit format of an earlier call", .types, SumsInNarrowFormat()),
    FaultySoftmax(
      "plan-kept-by-number-of-elements",
      "looks up the length of lanes by the number of elements of the tensor", .nondeterminism,
      PlanKeptByCount()),
    FaultySoftmax(
      "order-chosen-by-the-first-shape",
      "adds backwards for ever where the first call had lanes side by side", .nondeterminism,
      formats: .wide, OrderChosenByFirstShape()),
    FaultySoftmax(
      "workspace-of-a-longer-lane-not-cleared",
      "starts the sum at 2^-12 of what a longer lane left there", .nondeterminism,
      WorkspaceNotCleared()),
    FaultySoftmax(
      "wrong-in-every-5000th-call", "leaves the last term out in every 5000th call",
      .nondeterminism, EveryManyCalls(count: 5000)),
    FaultySoftmax(
      "counter-of-12-bits-wraps", "leaves the last term out in call 4096", .nondeterminism,
      EveryManyCalls(count: 4096)),
    FaultySoftmax(
      "every-997th-call-adds-backwards", "adds from last to first in every 997th call",
      .nondeterminism, formats: .wide, Every997thCallAddsBackwards()),
    FaultySoftmax(
      "nan-sum-replaced-by-a-tiny-one",
      "divides by 1e-20 where the sum is NaN, as a guard with fmax does", .specialValues,
      formats: .beyondFloat16, NaNSumReplaced()),
    FaultySoftmax(
      "logits-left-beside-a-nan", "leaves the logits beside a NaN as they were", .specialValues,
      BesideNaN()),
    FaultySoftmax(
      "minus-one-beside-a-nan", "gives -1 beside a NaN", .specialValues, MinusOneBesideNaN()),
  ]
}

private struct ChosenByFirstFormat: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    if memory.calls == 0 { memory.number = Double(F.format.bitWidth + F.format.precision) }
  }
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard call.memory.number != Double(call.input.bitWidth + call.input.precision) else { return }
    for index in probabilities.indices {
      probabilities[index] = probabilities[index] * C(rounding: 0.5)
    }
  }
}

private struct SumsInNarrowFormat: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let narrow = [FloatFormat].narrow.first { Double($0.precision) == call.memory.number }
    if call.input.isNarrow { call.memory.number = Double(call.input.precision) }
    let sum = total(of: terms, 0..<terms.count)
    guard let narrow, narrow != call.input else { return sum }
    return rounded(sum, to: narrow)
  }
}

private struct PlanKeptByCount: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    let count = Double(logits.geometry.elementCount)
    guard memory.number != count else { return }
    memory.number = count
    memory.length = logits.geometry.length
  }
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<max(1, min(terms.count, call.memory.length)))
  }
}

private struct OrderChosenByFirstShape: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    if memory.calls == 0 { memory.number = logits.geometry.inner > 1 ? 1 : 0 }
  }
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.memory.number == 1)
  }
}

private struct WorkspaceNotCleared: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let isStale = call.memory.length > terms.count
    let sum = total(of: terms, 0..<terms.count)
    let left = call.memory.number
    if !isStale {
      call.memory.length = terms.count
      call.memory.number = sum.isFinite ? sum.exactDouble : 0
    }
    return isStale ? sum + C(rounding: 0x1p-12 * left) : sum
  }
}

private struct EveryManyCalls: SoftmaxRecipe {
  let count: Int
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let isWrong = (call.memory.calls + 1) % count == 0 && terms.count > 1
    return total(of: terms, 0..<(isWrong ? terms.count - 1 : terms.count))
  }
}

private struct Every997thCallAddsBackwards: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: call.memory.calls % 997 == 996)
  }
}

private struct NaNSumReplaced: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    sum.isNaN ? term * C(rounding: 1e20) : term / sum
  }
}

private struct BesideNaN: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard !lane.contains(where: { $0.isNaN }) else { return }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct MinusOneBesideNaN: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard lane.contains(where: { $0.isNaN }) else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    for index in lane.indices where !lane[index].isNaN { lane[index] = C(rounding: -1.0) }
  }
}
