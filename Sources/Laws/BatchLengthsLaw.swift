import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Every lane of a batch is right where its length is one that people use and code is tuned for.
  ///
  /// A multiple of a vector, a block or a page takes another branch than the lengths beside it, and
  /// a batch another one than a single lane: what comes after the first lane, or after the fourth,
  /// goes wrong in that branch alone.
  static let batchLengths = Law(
    "batch-lengths",
    "Every lane of batches is right, of lengths at and just below every power of two to 2^20, and of the widths and vocabularies of models.",
    grade: .required, tolerance: "as for componentwise-error, lane by lane",
    catches: [.tails, .indexWidth, .memoryLayout, .nondeterminism],
    budget: Budget(random: 0, edges: BatchLengths.all.count), form: .tensor(), isAboutLengths: true,
    cases: { format in
      Generator { source in
        let batch = BatchLengths.all[try source.entry(ofListOf: BatchLengths.all.count)]
        return try batch.cut(by: &source).input(format)
      }
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}

/// The batches of ``Law/batchLengths``; lengths just above powers of two are those of
/// ``Law/longBatches``.
enum BatchLengths {
  /// The batches, shortest lanes first; together they have some 25 million logits.
  static let all: [LongBatch] = {
    /// The numbers of lanes of powers of two, as exponents and numbers.
    let powers = [
      (4, 64), (5, 64), (6, 64), (7, 64), (8, 64), (9, 64), (10, 64), (11, 33), (12, 17), (13, 17),
      (14, 17), (15, 9), (16, 5), (17, 5), (18, 4), (19, 4), (20, 4),
    ]
    var sizes = powers.map { (lanes: $1, length: 1 << $0) }
    // Just below the longest ones, two lanes tell the first from those after it.
    sizes += powers.map { (lanes: $0 < 18 ? $1 : 2, length: (1 << $0) - 1) }
    // Widths of layers and windows, each a multiple of 256 or of 1000.
    sizes += [
      (64, 768), (33, 1000), (33, 1536), (17, 3000), (17, 3072), (17, 5120), (9, 6144), (9, 10_000),
      (9, 12_288), (20, 20_000), (5, 28_672),
    ]
    // Vocabularies; those of 151 936 and 200 064 with five lanes are among the long batches.
    sizes += [
      (9, 32_000), (7, 50_257), (7, 50_304), (5, 100_277), (5, 128_256), (3, 151_936),
      (3, 200_064),
    ]
    return sizes.sorted { ($0.length, $0.lanes) < ($1.length, $1.lanes) }.flatMap {
      // The longest lanes are of two kinds only: each takes its time to judge.
      let isLong = $1 > 65_000
      let batch = LongBatch(
        lanes: $0, length: $1, kinds: isLong ? [.none, .everywhere] : LongBatch.Maxima.usual)
      let last: [LongBatch.Maxima] = isLong ? [.everywhere] : [.everywhere, .none]
      return last.map { batch.ending(with: $0) }
    }
  }()
}
