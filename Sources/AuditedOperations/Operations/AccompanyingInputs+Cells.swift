import Basics

extension AccompanyingInputs {
  /// The rule for a cell of an audit: kinds of derivatives and of classes take turns.
  ///
  /// The parameters of losses are the usual ones: not everything offers others.
  ///
  /// - Parameters:
  ///   - seed: That of the audit.
  ///   - family: The name of the logits.
  ///   - length: The length of the lanes.
  package init(seed: UInt64, family: String, length: Int) {
    var name = FNV1a(salt: seed)
    name.add(bytes: family.utf8)
    name.add(UInt64(length))
    var hash = name.value
    func next(_ count: Int) -> Int {
      hash = (hash ^ hash >> 29) &* 0x9E37_79B9_7F4A_7C15
      return Int(hash >> 33) % count
    }
    let upstreams: [Upstream] = [.scattered, .oneHot, .integers, .wide, .opposed]
    self.init(
      upstream: upstreams[next(upstreams.count)], target: next(3) == 0 ? .largest : .any,
      seed: next(Self.largestSeed + 1))
  }
}
