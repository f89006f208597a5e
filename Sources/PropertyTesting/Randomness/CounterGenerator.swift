import Basics
import RealModule

/// Random numbers as a function of a seed and a name: the counter-based generator Philox 4x32-10.
///
/// J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1,
/// 2, 3", SC
/// 2011. The seed is the key; the upper half of the counter is a hash of the name (FNV-1a, 64
/// bits), the lower half counts. So the numbers of one case depend on nothing that was drawn for
/// another, on no thread and on no order.
package struct CounterGenerator: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let stream: UInt64
  private var block: UInt64 = 0
  private var pending: UInt64?

  /// The generator of a named stream.
  package init(seed: UInt64, stream name: String) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    var hash = FNV1a()
    hash.add(bytes: name.utf8)
    stream = hash.value
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    if let pending {
      self.pending = nil
      return pending
    }
    let words = Self.philox(
      counter: (
        UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
      ), key: key)
    block &+= 1
    pending = UInt64(words.3) << 32 | UInt64(words.2)
    return UInt64(words.1) << 32 | UInt64(words.0)
  }

  /// Ten rounds of the Philox bijection.
  static func philox(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let first = c0.multipliedFullWidth(by: 0xD251_1F53)
      let second = c2.multipliedFullWidth(by: 0xCD9E_8D57)
      (c0, c1, c2, c3) = (second.high ^ c1 ^ k0, second.low, first.high ^ c3 ^ k1, first.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }

  // MARK: - Distributions
  //
  // Values are made with +, -, *, / and square root alone, which every platform rounds alike; a
  // logarithm decides only whether a draw is kept.

  /// A multiple of 2^-53 in [0, 1), uniformly.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in [low, high), uniformly.
  package mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// An integer in a closed range, uniformly but for less than 2^-64 of the range.
  package mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
  }

  /// A standard normal deviate, by the ratio of uniforms (Kinderman and Monahan, ACM TOMS 3(3),
  /// 1977).
  ///
  /// Few draws need the logarithm: its tangents give 5 - 4 e^(1/4) u <= -4 ln u <= 4 e^(-1.35) / u
  /// + 1.4. 2^-20 is more than all roundings where a tangent touches, so that the same draws are
  /// kept.
  package mutating func normal() -> Double {
    while true {
      let u = 1 - uniform()
      // sqrt(8 / e)
      let x = 1.7155277699214135 * (uniform() - 0.5) / u
      let square = x * x
      if square <= 5 - 0x1p-20 - 5.136101666750966 * u { return x }
      if square >= 1.4 + 0x1p-20 + 1.036961042583566 / u { continue }
      if square <= -4 * Double.log(u) { return x }
    }
  }

  /// A deviate of Student's t distribution with three degrees of freedom: a heavy tail.
  package mutating func studentThree() -> Double {
    let (a, b, c) = (normal(), normal(), normal())
    return normal() / ((a * a + b * b + c * c) / 3).squareRoot()
  }
}
