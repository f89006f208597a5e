import AuditedOperations
import FloatFormats
import MultiPrecision

/// The modified scores of a row of attention: distinct numbers z with their multiplicities and the
/// keys that have them, the sink among them.
///
/// Nothing is changed after it is made, and MPFR may read a number on several threads at once.
final class AttentionScores: @unchecked Sendable {
  /// The distinct finite numbers z, in descending order as far as binary64 tells.
  let terms: [ScoreTerm]
  /// The number of times that each occurs, the sink included.
  let multiplicities: [UInt64]
  /// The keys that have each.
  let members: [[Int]]
  /// Whether a score that counts, or the sink, is NaN.
  let hasNaN: Bool
  /// The count of numbers, the sink among them, are +inf.
  let infinityCount: Int

  init(_ row: AttentionRow) {
    let scaling = ScoreScaling(row)
    let (head, query) = (row.head, row.query)
    var (hasNaN, infinityCount) = (false, 0)
    var numbers: [(term: ScoreTerm, key: Int?)] = []
    var products = BigFloatArray(count: head.dimension, precision: 106)
    // Its bits hold a sum of 2^32 products.
    var product = BigFloat(precision: ExactSums.productPrecision)
    let isFinite = query.allSatisfy(\.isFinite)
    for key in 0..<head.count where row.sees(key) {
      let (numbersOfKey, addend) = (head.key(key), row.modifiers.addend(key))
      guard addend.isFinite, isFinite, numbersOfKey.allSatisfy(\.isFinite) else {
        let score = Self.score(query, numbersOfKey, row.scale)
        if let cap = scaling.cap, !score.isNaN, addend.isFinite {
          let term = ScoreTerm(saturated: score < 0 ? -cap : cap, plus: addend, scaling)
          numbers.append((term, key))
          continue
        }
        let value = score + addend
        if value.isNaN { hasNaN = true }
        if value == .infinity { infinityCount += 1 }
        continue
      }
      for (place, number) in numbersOfKey.enumerated() {
        products.setProduct(at: place, query[place], number)
      }
      product.setSum(of: products, 0..<head.dimension, .toNearestOrEven)
      let argument = scaling.argument(ExactNumber(product).value)
      numbers.append((ScoreTerm(argument, plus: addend, scaling), key))
    }
    if let sink = row.modifiers.sink {
      if sink.isNaN { hasNaN = true }
      if sink == .infinity { infinityCount += 1 }
      if sink.isFinite { numbers.append((ScoreTerm(BigFloat(0), plus: sink, scaling), nil)) }
    }
    numbers.sort { $0.term.precedes($1.term) }
    var terms: [ScoreTerm] = []
    var multiplicities: [UInt64] = []
    var members: [[Int]] = []
    for (term, key) in numbers {
      if let last = terms.last, last.isEqual(to: term) {
        multiplicities[terms.count - 1] += 1
      } else {
        terms.append(term)
        multiplicities.append(1)
        members.append([])
      }
      if let key { members[terms.count - 1].append(key) }
    }
    self.terms = terms
    self.multiplicities = multiplicities
    self.members = members
    self.hasNaN = hasNaN
    self.infinityCount = infinityCount
  }

  /// The scaled product where a number of query or key is none, or where a mask is +inf.
  private static func score(
    _ query: [Double], _ key: ArraySlice<Double>, _ scale: Double
  ) -> Double {
    let sum = zip(query, key).reduce(0) { sum, pair in
      let product = pair.0 * pair.1
      // The product of two finite numbers is one, whether binary64 holds it or not.
      return product.isInfinite && pair.0.isFinite && pair.1.isFinite ? sum : sum + product
    }
    return scale * sum
  }

  /// Whether there is no number, not even a sink.
  var isEmpty: Bool { terms.isEmpty && infinityCount == 0 && !hasNaN }

  /// The count of numbers that are all one; `nil` where they differ.
  var constantCount: UInt64? { terms.count == 1 ? multiplicities[0] : nil }

  /// The sum of what the values of a number's keys have in a channel, without a rounding.
  func valueSum(_ place: Int, _ channel: Int, _ head: AttentionHead) -> BigFloat {
    if members[place].count == 1 { return BigFloat(head.value(members[place][0], channel)) }
    return ExactSums.sum(of: members[place].lazy.map { head.value($0, channel) })
  }

  /// The same of absolute values.
  func absoluteValueSum(_ place: Int, _ channel: Int, _ head: AttentionHead) -> BigFloat {
    ExactSums.sum(of: members[place].lazy.map { abs(head.value($0, channel)) })
  }
}
