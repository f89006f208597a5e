import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Every lane of a batch of long lanes is right, with logits that matter in every place.
  ///
  /// Kernels choose their code by the length of the lanes and by how many there are to a block, so
  /// a branch may be taken by the fourth of some lanes of 5000 logits and by nothing else. Up to 64
  /// lanes, of lengths past every power of two up to 2^20. Eight equal maxima, one in each place
  /// that code treats apart, show every term that is lost or counted twice, for the others vanish
  /// beside them; a single maximum shows where it is overlooked.
  static let longBatches = Law(
    "long-batches",
    "Every lane of batches of up to 64 lanes is right, of lengths past every power of two to 2^20.",
    grade: .required, tolerance: "as for componentwise-error, lane by lane",
    catches: [.tails, .indexWidth, .memoryLayout, .nondeterminism],
    budget: Budget(random: 6, edges: LongBatch.all.count), form: .tensor(), isAboutLengths: true,
    cases: { format in
      Generator { source in
        let batch =
          try source.entryOrRandom(ofListOf: LongBatch.all.count).map { LongBatch.all[$0] }
          ?? LongBatch.random(from: &source)
        return try batch.cut(by: &source).input(format)
      }
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}

/// A batch of long lanes of few kinds, so that their exact values are made once.
struct LongBatch: Sendable {
  /// The place of the logits that are far above all others.
  ///
  /// Without any, all terms count alike, and the lane is below zero: what is padded with zeros
  /// shows. Far below, e^x is 0 for all of them: a maximum that starts from 0 shows.
  enum Maxima: Sendable {
    case everywhere, last, none, tail, first, farBelow

    /// The kinds that have terms of every size in the range of most softmaxes.
    static let usual: [Maxima] = [.everywhere, .last, .none, .tail, .first]
  }

  var lanes: Int
  var length: Int
  /// The number of lanes whose elements lie side by side.
  var inner = 1
  /// The kinds of lanes, which take turns.
  var kinds = Maxima.usual
  /// The kind of the first lane, as a number of that list.
  var phase = 0

  /// The batches, smallest first but for the last ones.
  ///
  /// Together they have some 27 million logits. The longest lanes are of two kinds only: a lane of
  /// a million logits takes its time to judge.
  static let all: [LongBatch] = {
    let sizes = [
      (64, 301), (64, 513), (64, 1025), (64, 2049), (64, 4097), (64, 5000), (33, 8193),
      (33, 16_385), (17, 32_769),
    ]
    var found = sizes.flatMap { lanes, length in
      // Every kind of lane in every place where that is cheap.
      (0..<(length < 10_000 ? 5 : 3)).map { LongBatch(lanes: lanes, length: length, phase: $0) }
    }
    found += [(4099, 129), (1025, 257), (257, 1025), (130, 4097)].flatMap { lanes, length in
      (0..<2).map { LongBatch(lanes: lanes, length: length, phase: $0) }
    }
    found += [301, 1025, 4097, 16_385].map {
      LongBatch(lanes: 5, length: $0, kinds: [.farBelow, .none])
    }
    // Lanes side by side, in pairs and as many as vectors and blocks take.
    let strided = [
      (lanes: 130, length: 513, inner: 130), (6, 1025, 3), (64, 1025, 16), (128, 1025, 64),
      (257, 1025, 257), (1025, 257, 1025), (16, 2049, 4), (66, 2049, 33), (34, 4097, 17),
      (32, 4097, 8), (8, 16_385, 2), (5, 32_769, 5), (4, 65_537, 4), (2, 131_073, 2),
    ]
    found += strided.flatMap { lanes, length, inner in
      (0..<2).map { LongBatch(lanes: lanes, length: length, inner: inner, phase: $0) }
    }
    let long = [
      (17, 65_537), (16, 131_073), (5, 151_936), (5, 200_064), (8, 262_145), (4, 524_289),
      (4, 1_048_577),
    ]
    for (lanes, length) in long {
      found += (0..<(length < 100_000 ? 2 : 1)).map {
        LongBatch(lanes: lanes, length: length, kinds: [.none, .everywhere], phase: $0)
      }
    }
    // As many lanes as logits, and more than a few blocks of lanes side by side.
    found += [(513, 513), (1025, 1025)].map { LongBatch(lanes: $0, length: $1) }
    found += [
      (lanes: 24, length: 33, inner: 2), (63, 66, 3), (64, 130, 4), (512, 257, 64),
      (384, 513, 16), (96, 1025, 8), (1320, 129, 33),
    ].map { LongBatch(lanes: $0, length: $1, inner: $2) }
    return found
  }()

  /// A batch of at most 2^19 logits, lengths and numbers of lanes in every binade alike.
  static func random(from source: inout ChoiceSource) throws -> LongBatch {
    let lanes = try LaneCases.lengths(2...130).generate(from: &source)
    let length = try LaneCases.lengths(256...max(257, min(140_000, (1 << 19) / lanes)))
      .generate(from: &source)
    return LongBatch(lanes: lanes, length: length, phase: try source.integer(in: 0...4))
  }

  /// The same batch, or one of fewer or shorter lanes where those are enough to fail: the shrinker
  /// finds them.
  func cut(by source: inout ChoiceSource) throws -> LongBatch {
    var batch = self
    batch.lanes = try source.integer(in: 1...lanes, simplest: 1, sample: lanes)
    batch.length = try source.integer(in: 1...length, simplest: 1, sample: length)
    return batch
  }

  /// The same batch with its last lane of a kind: what is written last is where much goes wrong.
  func ending(with kind: Maxima) -> LongBatch {
    var batch = self
    let place = kinds.firstIndex(of: kind) ?? 0
    batch.phase = (place + kinds.count - (lanes - 1) % kinds.count) % kinds.count
    return batch
  }

  /// The batch as a case.
  func input(_ format: FloatFormat) -> LawCase {
    let patterns = kinds.map { lane($0, format) }
    let inner = min(inner, lanes)
    let geometry = LaneGeometry(outer: lanes / inner, length: length, inner: inner)
    var logits: [Double] = []
    logits.reserveCapacity(geometry.elementCount)
    for first in stride(from: 0, to: geometry.laneCount, by: inner) {
      if inner == 1 {
        logits += patterns[(first + phase) % patterns.count]
        continue
      }
      for index in 0..<length {
        for lane in first..<first + inner {
          logits.append(patterns[(lane + phase) % patterns.count][index])
        }
      }
    }
    return LawCase(geometry: geometry, logits: logits)
  }

  /// Simple numbers, and maxima more than 110 above them: the others vanish in float32, and in
  /// float16 long before; in binary64 below a single maximum, which overflows where it is
  /// overlooked.
  private func lane(_ kind: Maxima, _ format: FloatFormat) -> [Double] {
    let low =
      switch kind {
      case .none: -40.0
      // Below these e^x vanishes in binary32, in which 16-bit formats compute, and in binary64.
      case .farBelow: format == .float64 ? -800.0 : -120.0
      default: Double(kinds.firstIndex(of: kind) ?? 0) / 2 - 1
      }
    var lane = (0..<length).map { low + Double(($0 * 5) % 11) / 4 }
    let last = length - 1
    let places: [Int] =
      switch kind {
      case .none, .farBelow: []
      case .first: [0]
      case .last: [last]
      case .tail: [min(last, length / 8 * 8)]
      case .everywhere:
        [
          0, length / 8, length / 4 + 1, length / 2, length * 5 / 8 + 3, length * 3 / 4 + 2,
          length * 7 / 8, last,
        ].map { min($0, last) }
      }
    let distance = format == .float64 && places.count == 1 ? 800.0 : 120
    for place in places { lane[place] = low + distance }
    return lane.map { format.rounded($0) }
  }
}
