import AuditedOperations
import FloatFormats

/// The steps of one row of attention in a computing format, in which implementations differ.
///
/// A step that is `nil` is taken as it stands in the formula.
package struct AttentionSteps<C: BinaryFloat> {
  package typealias Change = (C) -> C

  package var order: AttentionVariant.Order
  package var base: AttentionVariant.Base
  /// Changes a product of query and key, scaled.
  package var score: Change?
  /// Changes a partial sum of products of query and key.
  package var scoreSum: Change?
  /// Gives the exponential of the distance of a score from the maximum, in the place of the base's.
  package var exponential: Change?
  /// Changes a weight on its way into the second product.
  package var weight: Change?
  /// Changes a partial sum of the second product.
  package var accumulator: Change?
  /// Whether the mask is added before the cap.
  package var masksBeforeCap = false
  /// Whether sums of weighted values are rescaled where the maximum grows.
  package var rescalesValues = true
  /// Whether the sum of the weights is.
  package var rescalesSum = true
  /// Whether hidden keys are read and have the weight 0.
  package var multipliesHidden = false
  /// The distance in log2 by which a maximum grows before sums are rescaled.
  package var deferral = 0.0
  /// Changes the maximum that exponentials are relative to.
  package var maximum: Change?
  /// Gives the logsumexp of the maximum and of the sum of the weights.
  package var logSumExp: ((_ maximum: C, _ sum: C) -> C)?

  package init(_ order: AttentionVariant.Order, _ base: AttentionVariant.Base = .e) {
    self.order = order
    self.base = base
  }
}

/// The numbers of one row of attention in a computing format.
package struct AttentionNumbers<C: BinaryFloat> {
  package var query: [C]
  /// The keys, one after the other.
  package var keys: [C]
  /// The values, one after the other.
  package var values: [C]
  package var count: Int
  package var valueDimension: Int
  package var scale: C
  /// The cap; `nil` for none.
  package var softcap: C?
  /// The addends of the scores, -inf for keys that are hidden; `nil` for none.
  package var addends: [C]?
  /// The sink; `nil` for none.
  package var sink: C?

  /// Whether a key is seen.
  func sees(_ key: Int) -> Bool { addends.map { $0[key] != -C.infinity } ?? true }
}

/// The output of a row and its logsumexp.
package struct AttentionResult<C: BinaryFloat> {
  package var outputs: [C]
  package var logSumExp: C
}

extension AttentionSteps {
  /// The sums of a part of the keys, relative to a maximum.
  private struct Sums {
    var maximum = -C.infinity
    var sum = C.zero
    var values: [C]
  }

  /// log2 e and ln 2 in the computing format.
  private var logTwoE: C { C(rounding: 0x1.71547652b82fep+0) }
  private var logE2: C { C(rounding: 0x1.62e42fefa39efp-1) }

  /// The outputs of a row.
  @_specialize(where C == Float)
  @_specialize(where C == Double)
  package func row(_ row: AttentionNumbers<C>) -> AttentionResult<C> {
    let scores = scores(row)
    var total: Sums
    switch order {
    case .materialized:
      total = start(row)
      add(0..<row.count, scores, row, to: &total)
    case .online(let block):
      total = start(row)
      addBlocks(of: block, 0..<row.count, scores, row, to: &total)
    case .backwards(let block):
      total = start(row)
      for end in stride(from: row.count, to: 0, by: -block) {
        add(max(0, end - block)..<end, scores, row, to: &total)
      }
    case .split(let parts):
      let length = max(1, (row.count + parts - 1) / parts)
      total = start(row)
      for first in stride(from: 0, to: row.count, by: length) {
        var part = Sums(values: Array(repeating: .zero, count: row.valueDimension))
        addBlocks(of: 16, first..<min(first + length, row.count), scores, row, to: &part)
        merge(part, into: &total)
      }
    }
    let outputs = total.values.map { $0 / total.sum }
    let logSum =
      logSumExp?(total.maximum, total.sum)
      ?? (base == .two
        ? (total.maximum + C.log(total.sum) * logTwoE) * logE2
        : total.maximum + C.log(total.sum))
    return AttentionResult(outputs: outputs, logSumExp: total.sum == .zero ? -.infinity : logSum)
  }

  /// Scores, capped and masked, in units of the base; -inf where hidden.
  private func scores(_ row: AttentionNumbers<C>) -> [C] {
    let dimension = row.query.count
    // Without a cap one factor scales and changes the base, as kernels have it.
    let isFused = base == .two && row.softcap == nil && row.addends == nil
    let factor = isFused ? row.scale * logTwoE : row.scale
    return (0..<row.count).map { key in
      guard row.sees(key) || multipliesHidden else { return -C.infinity }
      var sum = C.zero
      for place in 0..<dimension {
        sum = sum + row.query[place] * row.keys[key * dimension + place]
        if let scoreSum { sum = scoreSum(sum) }
      }
      var z = sum * factor
      if let score { z = score(z) }
      let addend = row.addends?[key] ?? .zero
      if masksBeforeCap { z = z + addend }
      if let cap = row.softcap { z = cap * (z / cap).hyperbolicTangent }
      if !masksBeforeCap, row.addends != nil { z = z + addend }
      return base == .two && !isFused ? z * logTwoE : z
    }
  }

  /// The sink, or nothing.
  private func start(_ row: AttentionNumbers<C>) -> Sums {
    var sums = Sums(values: Array(repeating: .zero, count: row.valueDimension))
    guard let sink = row.sink, sink > -.infinity else { return sums }
    sums.maximum = base == .two ? sink * logTwoE : sink
    sums.sum = .one
    return sums
  }

  private func power(_ distance: C) -> C {
    if let exponential { return exponential(distance) }
    return base == .two ? C.exp2(distance) : C.exp(distance)
  }

  private func addBlocks(
    of block: Int, _ keys: Range<Int>, _ scores: [C], _ row: AttentionNumbers<C>,
    to sums: inout Sums
  ) {
    for first in stride(from: keys.lowerBound, to: keys.upperBound, by: block) {
      add(first..<min(first + block, keys.upperBound), scores, row, to: &sums)
    }
  }

  /// Takes a block of keys into sums.
  private func add(
    _ keys: Range<Int>, _ scores: [C], _ row: AttentionNumbers<C>, to sums: inout Sums
  ) {
    var largest = keys.reduce(sums.maximum) { scores[$1] > $0 ? scores[$1] : $0 }
    if let maximum { largest = maximum(largest) }
    guard largest > -.infinity || multipliesHidden else { return }
    let growth = largest.exactDouble - sums.maximum.exactDouble
    if sums.maximum == -.infinity || growth > deferral {
      rescale(&sums, to: largest)
    }
    let width = row.valueDimension
    for key in keys {
      let isHidden = scores[key] == -.infinity
      guard !isHidden || multipliesHidden else { continue }
      let term = isHidden ? C.zero : power(scores[key] - sums.maximum)
      sums.sum = sums.sum + term
      let factor = weight?(term) ?? term
      for channel in 0..<width {
        var next = sums.values[channel] + factor * row.values[key * width + channel]
        if let accumulator { next = accumulator(next) }
        sums.values[channel] = next
      }
    }
  }

  private func rescale(_ sums: inout Sums, to maximum: C) {
    let factor = sums.maximum == -.infinity ? C.zero : power(sums.maximum - maximum)
    if rescalesSum { sums.sum = sums.sum * factor }
    if rescalesValues { sums.values = sums.values.map { $0 * factor } }
    sums.maximum = maximum
  }

  /// Takes the sums of other keys into those of some.
  private func merge(_ part: Sums, into total: inout Sums) {
    guard part.maximum > -.infinity else { return }
    var part = part
    if part.maximum > total.maximum {
      rescale(&total, to: part.maximum)
    } else {
      rescale(&part, to: total.maximum)
    }
    total.sum = total.sum + part.sum
    for channel in total.values.indices {
      total.values[channel] = total.values[channel] + part.values[channel]
    }
  }
}
