extension Generator where Value == Int {
  /// Integers of a range, uniformly; they shrink towards `simplest`, by default the one nearest to 0.
  public static func integer(in range: ClosedRange<Int>, simplest: Int? = nil) -> Generator {
    Generator { try $0.integer(in: range, simplest: simplest) }
  }
}

extension Generator where Value == Bool {
  /// Booleans that are true with the given probability; they shrink to false.
  public static func boolean(probability: Double = 0.5) -> Generator {
    Generator { try $0.boolean(probability: probability) }
  }
}

extension Generator where Value == UInt64 {
  /// Words of the given number of random bits; they shrink to 0.
  public static func bits(width: Int = 64) -> Generator {
    Generator { try $0.bits(width: width) }
  }
}
