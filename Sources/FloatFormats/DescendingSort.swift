extension Array {
  /// Sorts by numbers, none of them NaN, largest first; entries of the same number keep their
  /// order, save those of +0 and -0.
  ///
  /// A comparison sort of a long lane costs as much as a tenth of its exponentials in MPFR. Long
  /// arrays are sorted by the bytes of their keys, last byte first; a byte that all keys share, as
  /// the low ones of narrow formats, costs no pass.
  @inlinable
  public mutating func sortDescending(by number: (Element) -> Double) {
    guard count > 256 else {
      sort { number($0) > number($1) }
      return
    }
    var counts = [Int](repeating: 0, count: 8 * 256)
    for entry in self {
      var key = number(entry).descendingKey
      for byte in 0..<8 {
        counts[byte << 8 | Int(key & 255)] += 1
        key >>= 8
      }
    }
    var other = self
    for byte in 0..<8 {
      let range = byte << 8..<(byte + 1) << 8
      if counts[range].contains(count) { continue }
      var start = 0
      for bucket in range { (counts[bucket], start) = (start, start + counts[bucket]) }
      for entry in self {
        let bucket = byte << 8 | Int(number(entry).descendingKey >> UInt64(8 * byte) & 255)
        other[counts[bucket]] = entry
        counts[bucket] += 1
      }
      swap(&self, &other)
    }
  }
}

extension Double {
  /// An integer that is smaller the larger the number is.
  @inlinable
  var descendingKey: UInt64 {
    let bits = bitPattern
    return bits >> 63 == 1 ? bits : ~bits & (.max >> 1)
  }
}
