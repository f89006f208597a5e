import Basics
import FloatFormats

/// A 128-bit fingerprint of a choice sequence, by which the shrinker knows what it has tried.
///
/// Two sequences with one fingerprint would cost the shrinker a candidate, never a wrong answer.
/// The standard `Hasher` will not do: it is seeded anew in each process, and shrinking is to be
/// repeatable.
struct ChoiceDigest: Hashable {
  private var first = FNV1a().value
  private var second: UInt64 = 0x9e37_79b9_7f4a_7c15

  init(_ values: [ChoiceValue]) {
    for value in values {
      switch value {
      case .integer(let number): absorb(1, UInt64(bitPattern: number))
      case .boolean(let outcome): absorb(2, outcome ? 1 : 0)
      case .float(let format, let bits): absorb(3 + UInt64(format.precision), bits)
      case .bits(let word): absorb(3, word)
      }
    }
  }

  private mutating func absorb(_ tag: UInt64, _ word: UInt64) {
    first = Self.mixed(first ^ tag &* 0x9e37_79b9_7f4a_7c15, word)
    second = Self.mixed(second &+ tag, word ^ 0xd1b5_4a32_d192_ed03)
  }

  /// A running state after another word.
  private static func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
    ((state &* 0x100_0000_01b3) ^ word).mixed
  }
}
