extension Generator where Value == Int {
  /// Integers of a range, uniformly; they shrink towards `simplest`, by default the one nearest to
  /// 0.
  package static func integer(in range: ClosedRange<Int>, simplest: Int? = nil) -> Generator {
    Generator(inverse: { range.contains($0) ? [.integer(Int64($0))] : nil }) {
      try $0.integer(in: range, simplest: simplest)
    }
  }
}

extension Generator where Value == Bool {
  /// Booleans that are true with the given probability; they shrink to false.
  package static func boolean(probability: Double = 0.5) -> Generator {
    let kind = ChoiceKind.boolean(probability: probability)
    return Generator(inverse: { kind.permits(.boolean($0)) ? [.boolean($0)] : nil }) {
      try $0.boolean(probability: probability)
    }
  }
}

extension Generator where Value == UInt64 {
  /// Words of the given number of random bits; they shrink to 0.
  package static func bits(width: Int = 64) -> Generator {
    let kind = ChoiceKind.bits(width: width)
    return Generator(inverse: { kind.permits(.bits($0)) ? [.bits($0)] : nil }) {
      try $0.bits(width: width)
    }
  }
}
