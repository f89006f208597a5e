import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Lanes that lie side by side in thousands are right to the last, as the classes of an image.
  ///
  /// A softmax over channels, of shape (images, classes, height times width), walks memory in steps
  /// as long as an image. Kernels have a branch of their own for that, with tiles, grids and
  /// offsets that are counted in places and not in lanes.
  static let featureMaps = Law(
    "feature-maps",
    "Lanes of 3 to 1000 logits are right of which 784 to 131072 lie side by side, as classes of images do.",
    grade: .required, tolerance: "as for componentwise-error, lane by lane",
    catches: [.memoryLayout, .indexWidth, .axes, .tails],
    budget: Budget(random: 4, edges: FeatureMap.all.count), form: .tensor(), isAboutLengths: true,
    cases: { format in
      Generator { source in
        var map =
          try source.entryOrRandom(ofListOf: FeatureMap.all.count).map { FeatureMap.all[$0] }
          ?? FeatureMap.random(from: &source)
        // Where fewer images, places or channels are enough to fail, the shrinker finds them.
        map.images = try source.integer(in: 1...map.images, simplest: 1, sample: map.images)
        map.places = try source.integer(in: 1...map.places, simplest: 1, sample: map.places)
        map.channels = try source.integer(in: 1...map.channels, simplest: 1, sample: map.channels)
        return map.batch.input(format)
      }
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}

/// The logits of a classifier at every place of some images.
struct FeatureMap: Sendable {
  var images: Int
  /// The number of classes: the length of the lanes.
  var channels: Int
  /// The number of places of an image, height times width: how many lanes lie side by side.
  var places: Int

  /// The tensors, about the smallest first; together they have some 8 million logits.
  ///
  /// Sizes of images at powers of two, where tiles fit, and beside them, where they do not, with
  /// every rest modulo 8.
  static let all: [FeatureMap] = {
    let sizes = [
      (3, 17, 784), (2, 10, 1024), (2, 3, 2048), (1, 17, 2048), (2, 5, 2049), (1, 4, 2303),
      (1, 3, 4096), (2, 21, 3136), (1, 64, 3136), (2, 17, 4096), (1, 19, 4097), (1, 64, 4099),
      (1, 150, 1013), (2, 3, 8192), (1, 10, 8194), (1, 33, 8196), (2, 10, 16_384),
      (1, 21, 16_129), (1, 3, 32_768), (2, 5, 32_769), (1, 21, 32_774), (1, 19, 50_000),
      (2, 3, 65_536), (1, 4, 65_537), (1, 21, 65_536), (1, 1000, 784), (2, 150, 1025),
      (1, 3, 131_072),
    ]
    return sizes.map { FeatureMap(images: $0, channels: $1, places: $2) }
  }()

  /// A tensor of at most 2^18 logits, sizes in every binade alike.
  static func random(from source: inout ChoiceSource) throws -> FeatureMap {
    let images = try source.integer(in: 1...4)
    let channels = try LaneCases.lengths(3...1000).generate(from: &source)
    let most = max(65, (1 << 18) / (images * channels))
    let places = try LaneCases.lengths(64...most).generate(from: &source)
    return FeatureMap(images: images, channels: channels, places: places)
  }

  /// The tensor as a batch of lanes of five kinds, in step with no power of two.
  var batch: LongBatch {
    LongBatch(lanes: images * places, length: channels, inner: places).ending(with: .everywhere)
  }
}
