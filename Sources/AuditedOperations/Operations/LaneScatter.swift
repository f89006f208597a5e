import Basics

/// Numbers that depend on a lane and on a seed, and look like chance.
struct LaneScatter {
  private var state: UInt64

  init(_ lane: [Double], _ seed: Int) {
    var hash = FNV1a(salt: UInt64(truncatingIfNeeded: seed))
    for element in lane {
      // A NaN is the same one in every format.
      hash.add((element.isNaN ? Double.nan : element).bitPattern)
    }
    state = hash.value
  }

  /// The next number of 64 bits (the finalizer of splitmix64).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return state.mixed
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// From -4 to 4, most of them near 0: the sum of four uniform numbers.
  mutating func number() -> Double {
    (0..<4).reduce(0) { sum, _ in sum + Double(next() >> 11) * 0x1p-52 - 1 }
  }
}
