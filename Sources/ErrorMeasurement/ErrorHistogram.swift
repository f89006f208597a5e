import CLaneKernels

/// Counts of error magnitudes in fixed bins, 64 to an octave, for percentiles that do not depend on
/// the order.
///
/// A bin is an exponent and the first six bits of the significand; its upper edge is the figure
/// reported. Errors that vanish on the 2^-40 grid have a bin of their own with the edge 0. An error
/// that is only known to lie in one of several bins is counted in the lowest and in the highest of
/// them: a percentile is decided where both counts agree.
struct ErrorHistogram: Sendable, Equatable {
  /// The octaves counted in arrays; anything beyond goes into a dictionary.
  private static let octaves = -40..<62
  private static let binCount = Int(LANE_BINS)
  private static let stride = binCount + Int(LANE_SPARE_BINS)
  /// Bin 0 is that of zero; the last places take what the kernels count nowhere.
  private var known = [UInt32](repeating: 0, count: stride)
  private var lowest: [UInt32] = []
  private var highest: [UInt32] = []
  private var far: [Int: UInt64] = [:]
  /// The counts taken out of `known` before it could overflow.
  private var settled: [UInt64] = []
  private var unsettledCount: UInt64 = 0
  /// The number of errors counted.
  private(set) var count: UInt64 = 0

  /// Counts an error magnitude.
  @inline(__always)
  mutating func add(_ magnitude: Double) {
    makeRoom(for: 1)
    count += 1
    if magnitude == 0 {
      known[0] += 1
      return
    }
    let bin = Self.bin(of: magnitude)
    let index = bin - 64 * Self.octaves.lowerBound + 1
    if index > 0, index < Self.binCount {
      known[index] += 1
    } else {
      far[bin, default: 0] += 1
    }
  }

  /// Lets a kernel count the errors of a lane.
  ///
  /// - Parameter body: Takes the known, lowest and highest counts, and returns what it likes and
  ///   how many errors it counted.
  mutating func addLane<R>(
    count laneCount: Int,
    _ body: (
      UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<UInt32>?
    ) -> (R, count: UInt64)
  ) -> R {
    makeRoom(for: UInt64(laneCount) + 7)
    if lowest.isEmpty {
      lowest = Array(repeating: 0, count: Self.stride)
      highest = lowest
    }
    let (result, counted) = known.withUnsafeMutableBufferPointer { known in
      lowest.withUnsafeMutableBufferPointer { lowest in
        highest.withUnsafeMutableBufferPointer { highest in
          defer { for place in Self.binCount..<Self.stride { known[place] = 0 } }
          return body(known.baseAddress, lowest.baseAddress, highest.baseAddress)
        }
      }
    }
    count += counted
    return result
  }

  /// Moves the counts to wider ones before one of them could overflow.
  @inline(__always)
  private mutating func makeRoom(for addition: UInt64) {
    unsettledCount += addition
    if unsettledCount >= 1 << 32 { settle(addition) }
  }

  private mutating func settle(_ addition: UInt64) {
    if settled.isEmpty { settled = Array(repeating: 0, count: 3 * Self.stride) }
    for (part, counts) in [known, lowest, highest].enumerated() {
      for (index, value) in counts.enumerated() {
        settled[part * Self.stride + index] += UInt64(value)
      }
    }
    known = Array(repeating: 0, count: known.count)
    lowest = Array(repeating: 0, count: lowest.count)
    highest = Array(repeating: 0, count: highest.count)
    unsettledCount = addition
  }

  @inline(__always)
  private static func bin(of magnitude: Double) -> Int {
    let bits = magnitude.bitPattern >> 46
    return (Int(bits >> 6) - 1023) * 64 + Int(bits & 63)
  }

  /// The number of errors, of those whose bin is known, below a power of two that the counted
  /// octaves reach.
  func knownCount(belowPowerOfTwo exponent: Int) -> UInt64 {
    let bins = 0..<64 * (exponent - Self.octaves.lowerBound) + 1
    return Self.sum(known, bins) + (settled.isEmpty ? 0 : Self.sum(settled, bins))
  }

  /// Adds all that another histogram counted.
  mutating func merge(_ other: ErrorHistogram) {
    guard count > 0 else {
      self = other
      return
    }
    makeRoom(for: other.unsettledCount)
    count += other.count
    Self.add(other.known, to: &known)
    Self.add(other.lowest, to: &lowest)
    Self.add(other.highest, to: &highest)
    Self.add(other.settled, to: &settled)
    for (bin, value) in other.far { far[bin, default: 0] += value }
  }

  /// Adds counts to those of the same bins; no counts are as good as zeros.
  private static func add<Count: FixedWidthInteger>(_ more: [Count], to counts: inout [Count]) {
    guard !more.isEmpty else { return }
    guard !counts.isEmpty else {
      counts = more
      return
    }
    for index in counts.indices { counts[index] &+= more[index] }
  }

  static func == (a: ErrorHistogram, b: ErrorHistogram) -> Bool {
    var (a, b) = (a, b)
    a.settle(0)
    b.settle(0)
    return a.count == b.count && a.settled == b.settled && a.far == b.far
  }

  /// The bin that an error is counted in that is only known to lie in one of several.
  private enum Choice: Int {
    case lowest = 1
    case highest = 2
  }

  /// The upper edge of the bin that holds the given share of the errors; nil when nothing was
  /// counted.
  ///
  /// Where errors are uncertain it is the highest that they can make it.
  func percentile(_ share: Double) -> Double? {
    count > 0 ? upperEdges(ofRanks: [rank(of: share)], .highest)[0] : nil
  }

  /// Whether uncertain errors leave percentiles the same wherever they lie.
  func decides(_ shares: [Double]) -> Bool {
    let uncertain = uncertainCount
    guard uncertain > 0 else { return true }
    let ranks = shares.map(rank).sorted()
    // They move a rank among the others by no more than their number.
    let earlier = ranks.map { $0 > uncertain ? $0 - uncertain : 0 }
    let both = (ranks + earlier).sorted()
    let edges = upperEdges(ofRanks: both, nil)
    func edge(of rank: UInt64) -> Double? { both.firstIndex(of: rank).flatMap { edges[$0] } }
    if zip(ranks, earlier).allSatisfy({ edge(of: $0) != nil && edge(of: $0) == edge(of: $1) }) {
      return true
    }
    return upperEdges(ofRanks: ranks, .lowest) == upperEdges(ofRanks: ranks, .highest)
  }

  /// The number of errors that are only known to lie in one of several bins.
  private var uncertainCount: UInt64 {
    let part = Choice.lowest.rawValue * Self.stride
    return Self.sum(lowest, lowest.indices)
      + (settled.isEmpty ? 0 : Self.sum(settled, part..<part + Self.stride))
  }

  private func rank(of share: Double) -> UInt64 { UInt64((share * Double(count)).rounded(.up)) }

  /// The upper edges of the bins in which the errors of given ranks are, counted from 1 in
  /// ascending order; nil beyond the last.
  ///
  /// - Parameters:
  ///   - ranks: In ascending order.
  ///   - choice: Where uncertain errors are counted; nil leaves them out.
  private func upperEdges(ofRanks ranks: [UInt64], _ choice: Choice?) -> [Double?] {
    var found: [Double?] = []
    let uncertain =
      switch choice {
      case .lowest: lowest
      case .highest: highest
      case nil: [UInt32]()
      }
    var seen: UInt64 = 0

    func occupancy(_ range: Range<Int>) -> UInt64 {
      var sum = Self.sum(known, range)
      if !uncertain.isEmpty { sum += Self.sum(uncertain, range) }
      if !settled.isEmpty {
        sum += Self.sum(settled, range)
        if let choice {
          let offset = choice.rawValue * Self.stride
          sum += Self.sum(settled, range.lowerBound + offset..<range.upperBound + offset)
        }
      }
      return sum
    }
    /// Takes the next bin into account.
    func pass(_ occupancy: UInt64, upperEdge: Double) {
      seen += occupancy
      while found.count < ranks.count, seen >= ranks[found.count] { found.append(upperEdge) }
    }

    pass(occupancy(0..<1), upperEdge: 0)
    let farBins = far.keys.sorted()
    let below = farBins.prefix { $0 < 64 * Self.octaves.lowerBound }
    for bin in below { pass(far[bin] ?? 0, upperEdge: Self.upperEdge(of: bin)) }
    for octave in Self.octaves where found.count < ranks.count {
      let first = 64 * (octave - Self.octaves.lowerBound) + 1
      let all = occupancy(first..<first + 64)
      guard seen + all >= ranks[found.count] else {
        seen += all
        continue
      }
      for index in first..<first + 64 {
        pass(
          occupancy(index..<index + 1),
          upperEdge: Self.upperEdge(of: index - 1 + 64 * Self.octaves.lowerBound))
      }
    }
    for bin in farBins.dropFirst(below.count) {
      pass(far[bin] ?? 0, upperEdge: Self.upperEdge(of: bin))
    }
    return found + repeatElement(nil, count: ranks.count - found.count)
  }

  /// The sum of some counts; all counts of an array together are too few to overflow.
  @inline(__always)
  private static func sum<Count: FixedWidthInteger>(
    _ counts: [Count], _ range: Range<Int>
  ) -> UInt64 {
    counts.withUnsafeBufferPointer { counts in
      var sum: Count = 0
      for index in range { sum &+= counts[index] }
      return UInt64(truncatingIfNeeded: sum)
    }
  }

  private static func upperEdge(of bin: Int) -> Double {
    let (octave, part) = (bin >> 6, bin & 63)
    return Double(sign: .plus, exponent: octave, significand: 1 + Double(part + 1) / 64)
  }
}
