extension UInt64 {
  /// This word after the finalizer of splitmix64: a bijection whose values look like chance.
  ///
  /// G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA
  /// 2014.
  @inlinable package var mixed: UInt64 {
    var z = self
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
