import AuditedOperations
import FloatFormats
import RealModule

/// A row of attention evaluated in binary64: the numbers that bounds are made of.
///
/// z is off by at most (d + 8) 2^-53 times its size, d the dimension, and p and the outputs by what
/// that makes of them.
struct AttentionProfile {
  /// The keys that are seen and have a score above -inf.
  let keys: [Int]
  /// z of each.
  let scores: [Double]
  /// |c| sum |q_i k_ji| of each: what z is made of.
  let sizes: [Double]
  /// The largest sum |q_i k_ji| of a key that is seen.
  let largestProduct: Double
  /// p of each.
  let probabilities: [Double]
  /// p of the sink; 0 where there is none.
  let sinkProbability: Double
  /// The largest z, of the sink too.
  let maximum: Double
  /// ln sum e^(z - maximum), at least 0.
  let logSum: Double

  /// - Returns: `nil` for a row whose output has no value, or none in binary64.
  init?(_ row: AttentionRow) {
    let (head, modifiers) = (row.head, row.modifiers)
    let (dimension, scale) = (head.dimension, row.scale)
    var keys: [Int] = []
    var scores: [Double] = []
    var sizes: [Double] = []
    var largestProduct = 0.0
    for key in 0..<head.count where row.sees(key) {
      var (sum, size) = (0.0, 0.0)
      row.query.withUnsafeBufferPointer { query in
        head.keys.withUnsafeBufferPointer { numbers in
          let start = key * dimension
          for place in 0..<dimension {
            let product = query[place] * numbers[start + place]
            sum += product
            size += abs(product)
          }
        }
      }
      let argument = scale * sum
      let capped =
        modifiers.softcap.map { $0 * Double.tanh(argument / $0) } ?? argument
      let score = capped + modifiers.addend(key)
      if score == -.infinity { continue }
      guard score.isFinite, size.isFinite else { return nil }
      keys.append(key)
      scores.append(score)
      sizes.append(abs(scale) * size)
      largestProduct = max(largestProduct, size)
    }
    let sink = modifiers.sink ?? -.infinity
    let maximum = scores.reduce(sink) { max($0, $1) }
    guard maximum.isFinite else { return nil }
    var probabilities = scores.map { Double.exp($0 - maximum) }
    let sinkTerm = Double.exp(sink - maximum)
    let sum = probabilities.reduce(sinkTerm, +)
    for place in probabilities.indices { probabilities[place] /= sum }
    self.keys = keys
    self.scores = scores
    self.sizes = sizes
    self.largestProduct = largestProduct
    self.probabilities = probabilities
    self.maximum = maximum
    sinkProbability = sinkTerm / sum
    logSum = max(0, Double.log(sum))
  }

  /// The most that z is off relative to its size.
  static func slack(dimension: Int) -> Double { Double(dimension + 8) * 0x1p-53 }

  /// The number of times that a running maximum grows, first key first or last key first,
  /// whichever is more.
  var largestRecordCount: Int {
    func records(_ scores: some Sequence<Double>) -> Int {
      var (count, largest) = (0, -Double.infinity)
      for score in scores where score > largest { (count, largest) = (count + 1, score) }
      return count
    }
    return max(records(scores), records(scores.reversed()))
  }
}
