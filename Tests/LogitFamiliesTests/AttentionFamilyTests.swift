import FloatFormats
import LogitFamilies
import Testing

@Suite("Families of queries, keys and values")
struct AttentionFamilyTests {
  private let formats: [FloatFormat] = [.float16, .float32]

  @Test("Every family has a name of its own, a purpose and lengths")
  func names() {
    let names = AttentionFamily.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(AttentionFamily.all.allSatisfy { !$0.purpose.isEmpty && !$0.lengths.isEmpty })
  }

  @Test(
    "Numbers fill the sizes, are finite numbers of the format, and follow from the seed alone",
    arguments: AttentionFamily.all.map(\.name))
  func numbers(name: String) throws {
    let family = try #require(AttentionFamily.all.first { $0.name == name })
    for format in formats {
      for (keys, rows) in [(0, 4), (1, 3), (9, 8)] {
        let sizes = family.sizes(keys: keys, rows: rows)
        #expect(sizes.batch * sizes.heads * sizes.queries == rows)
        #expect(sizes.heads % sizes.keyHeads == 0)
        let made = family.numbers(seed: 5, sizes, in: format)
        #expect(made.query.count == rows * sizes.dimension)
        #expect(made.key.count == sizes.batch * sizes.keyHeads * keys * sizes.dimension)
        #expect(made.value.count == sizes.batch * sizes.keyHeads * keys * sizes.valueDimension)
        let areNumbers = (made.query + made.key + made.value).allSatisfy {
          $0.isFinite && format.rounded($0) == $0
        }
        #expect(areNumbers, "\(format)")
        #expect(family.numbers(seed: 5, sizes, in: format) == made)
        #expect(family.numbers(seed: 6, sizes, in: format) != made)
      }
    }
  }

  /// The scores of the first query, divided by sqrt(dimension).
  private func scores(_ name: String, keys: Int, rows: Int = 4) throws -> [Double] {
    let family = try #require(AttentionFamily.all.first { $0.name == name })
    let sizes = family.sizes(keys: keys, rows: rows)
    let made = family.numbers(seed: 1, sizes, in: .float64)
    return (0..<keys).map { key in
      (0..<sizes.dimension).reduce(0) {
        $0 + made.query[$1] * made.key[key * sizes.dimension + $1]
      } / Double(sizes.dimension).squareRoot()
    }
  }

  @Test("Scores have the shape that the purpose of their family tells")
  func shapes() throws {
    #expect(try scores("high", keys: 300).allSatisfy { abs($0 - 192) < 12 })
    #expect(try scores("low", keys: 300).allSatisfy { abs($0 + 192) < 12 })
    #expect(try scores("flat", keys: 300).allSatisfy { abs($0) < 0.02 })
    let rising = try scores("rising", keys: 129)
    #expect(try #require(rising.last) > 20 && rising[0] < 4)
    let last = try scores("last-key", keys: 129)
    #expect(last.indices.max { last[$0] < last[$1] } == 128)
    let edges = try scores("block-edges", keys: 200)
    let largest = edges.indices.filter { edges[$0] > 5 }
    #expect(largest == [63, 64, 127, 128, 191, 192])
    let ties = try scores("ties", keys: 200)
    #expect(Set(ties).count < 60)
    let spread = try scores("spread", keys: 129)
    #expect(try #require(spread.max()) > 140 && #require(spread.min()) < -140)
  }
}
