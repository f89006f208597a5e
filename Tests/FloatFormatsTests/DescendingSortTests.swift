import FloatFormats
import TestSupport
import Testing

@Suite("Sorting numbers")
struct DescendingSortTests {
  private struct Entry: Equatable {
    var number: Double
    var place: Int
  }

  @Test(
    "Numbers come largest first, equal ones in their order, whatever the count and the signs",
    arguments: [0, 1, 2, 256, 257, 1000, 5000])
  func sorts(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    for number: (UInt64) -> Double in [
      { Double(Int64(bitPattern: $0) >> 50) },
      { Double(Float(bitPattern: UInt32($0 >> 32) & 0xBF7F_FFFF)) + 1 },
      {
        let number = Double(bitPattern: $0)
        return number.isNaN || number == 0 ? -.infinity : number
      },
    ] {
      let entries = (0..<count).map { Entry(number: number(random.next()), place: $0) }
      var sorted = entries
      sorted.sortDescending { $0.number }
      let expected = entries.sorted { ($1.number, $0.place) < ($0.number, $1.place) }
      #expect(sorted == expected)
    }
  }
}
