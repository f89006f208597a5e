/// A lane described by its structure, so that a search can change one trait of it at a time.
///
/// Logits come in levels below a maximum, each level with its share of the lane and some noise;
/// then they are put in an order, moved by an offset, and single bit patterns are changed. The lane
/// depends on the genome, the format and the length alone.
package struct LaneGenome: Sendable, Hashable, Codable {
  /// Some logits around one value.
  package struct Level: Sendable, Hashable, Codable {
    /// The distance of the level below the maximum.
    package var gap: Double
    /// Its part of the lane, relative to those of the other levels; every level has at least one
    /// logit.
    package var weight: Double
    /// The spread of the logits of the level around it.
    package var noise: Double

    package init(gap: Double, weight: Double, noise: Double) {
      self.gap = gap
      self.weight = weight
      self.noise = noise
    }
  }

  /// A logit moved by some places in the order of the format.
  package struct Edit: Sendable, Hashable, Codable {
    /// The place in the lane, modulo the length.
    package var index: Int
    package var places: Int

    package init(index: Int, places: Int) {
      self.index = index
      self.places = places
    }
  }

  /// The order of the logits in the row.
  package enum Order: String, Sendable, Hashable, Codable, CaseIterable {
    /// Level after level, the first one first.
    case levels
    /// The first level last.
    case reversedLevels
    case ascending
    case descending
    /// From the ends to the middle, so that large and small ones alternate.
    case alternating
    case shuffled
  }

  package var levels: [Level]
  package var order: Order
  /// The rotation of the lane after it has been ordered: the place of the maximum.
  package var rotation: Int
  /// Added to all logits.
  package var offset: Double
  /// Of the noise and of the shuffling.
  package var seed: UInt64
  package var edits: [Edit]

  package init(
    levels: [Level], order: Order, rotation: Int, offset: Double, seed: UInt64, edits: [Edit]
  ) {
    self.levels = levels
    self.order = order
    self.rotation = rotation
    self.offset = offset
    self.seed = seed
    self.edits = edits
  }
}
