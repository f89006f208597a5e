import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// One pass over the lane, or blocks with their own maxima, put together wrongly.
  static let blockMergeFaults = [
    FaultySoftmax(
      "logsumexp-online-not-rescaled", "does not rescale the running sum where the maximum grows",
      .formula, of: .logSumExp, OnlineLogarithms(.notRescaled)),
    FaultySoftmax(
      "log-softmax-online-not-rescaled",
      "does not rescale the running sum where the maximum grows", .formula, of: .logSoftmax,
      OnlineLogarithms(.notRescaled)),
    // tskit-dev/tsdate#171 has this loop right.
    FaultySoftmax(
      "logsumexp-online-rescaled-upwards", "rescales by exp(new - old) in place of its inverse",
      .formula, of: .logSumExp, OnlineLogarithms(.rescaledUpwards)),
    FaultySoftmax(
      "log-softmax-online-term-of-new-maximum-lost",
      "adds no term for the logit that becomes the maximum", .formula, of: .logSoftmax,
      OnlineLogarithms(.newTermLost)),
    // zhuzilin/ring-flash-attention#20 asks for it.
    FaultySoftmax(
      "logsumexp-blocks-added", "adds the logsumexps of blocks of 128", .formula, of: .logSumExp,
      MergedBlocks(.added)),
    FaultySoftmax(
      "logsumexp-largest-of-blocks", "takes the largest logsumexp of blocks of 128", .formula,
      of: .logSumExp, MergedBlocks(.largest)),
    // Dao-AILab/flash-attention#404
    FaultySoftmax(
      "logsumexp-blocks-without-their-maxima",
      "adds the sums of blocks of 128, each relative to its own maximum", .formula, of: .logSumExp,
      MergedBlocks(.sumsOfOwnScale)),
    FaultySoftmax(
      "log-softmax-last-block-merged-with-a-stale-maximum",
      "merges the last of several blocks of 128 as if its maximum were the one before", .formula,
      of: .logSoftmax, MergedBlocks(.lastStale)),
  ]
}

private struct OnlineLogarithms: LogarithmRecipe {
  enum Mistake: Sendable { case notRescaled, rescaledUpwards, newTermLost }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C { C.one }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard lane.allSatisfy({ $0.isFinite || $0 == -C.infinity }),
      let first = lane.first(where: { $0.isFinite })
    else { return PlainLogarithms().evaluate(lane, &call) }
    var maximum = first
    var sum = C.zero
    for logit in lane {
      guard logit > maximum else {
        sum = sum + C.exp(logit - maximum)
        continue
      }
      switch mistake {
      case .notRescaled: sum = sum + C.one
      case .rescaledUpwards: sum = sum * C.exp(logit - maximum) + C.one
      case .newTermLost: sum = sum * C.exp(maximum - logit)
      }
      maximum = logit
    }
    let logSum = C.log(sum)
    if call.operation == .logSumExp {
      lane[0] = maximum + logSum
    } else {
      for index in lane.indices { lane[index] = (lane[index] - maximum) - logSum }
    }
  }
}

private struct MergedBlocks: LogarithmRecipe {
  enum Mistake: Sendable { case added, largest, sumsOfOwnScale, lastStale }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }
  private static var width: Int { 128 }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let whole = largest(of: lane, 0..<lane.count)
    guard whole.isFinite, lane.count > Self.width, !lane.contains(where: { $0.isNaN }) else {
      return PlainLogarithms().evaluate(lane, &call)
    }
    var (result, sum) = (C.zero, C.zero)
    var before = whole
    for start in stride(from: 0, to: lane.count, by: Self.width) {
      let block = start..<min(start + Self.width, lane.count)
      let maximum = largest(of: lane, block)
      guard maximum.isFinite else { continue }
      var partial = C.zero
      for index in block { partial = partial + C.exp(lane[index] - maximum) }
      let logSumExp = maximum + C.log(partial)
      switch mistake {
      case .added: result = result + logSumExp
      case .largest: result = start == 0 || logSumExp > result ? logSumExp : result
      case .sumsOfOwnScale: sum = sum + partial
      case .lastStale:
        let isLast = block.upperBound == lane.count
        sum = sum + partial * C.exp((isLast ? before : maximum) - whole)
        before = maximum
      }
    }
    switch mistake {
    case .added, .largest: lane[0] = result
    case .sumsOfOwnScale: lane[0] = whole + C.log(sum)
    case .lastStale:
      let logSum = C.log(sum)
      for index in lane.indices { lane[index] = (lane[index] - whole) - logSum }
    }
  }
}
