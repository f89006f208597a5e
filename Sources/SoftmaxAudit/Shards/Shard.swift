/// One of several parts of a run, done on its own and merged with the others.
///
/// A run is made of units that do not depend on each other: cells of an audit, laws on an implementation in a format.
/// Shard i of n takes every n-th of them, from the i-th on. So every unit is in one shard, all shards cost about the same,
/// and what a shard finds does not depend on n.
public struct Shard: Codable, Sendable, Equatable {
  /// Which shard it is, from 1 on.
  public let index: Int
  /// How many there are.
  public let count: Int

  /// The shard that a text like `2/3` names; nil where it names none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
      (1...100_000).contains(count), (1...count).contains(index)
    else { return nil }
    self.init(index: index, of: count)
  }

  /// - Precondition: 1 <= index <= count.
  public init(index: Int, of count: Int) {
    precondition(count >= 1 && (1...count).contains(index))
    self.index = index
    self.count = count
  }

  /// Whether the shard takes a unit, counted from 0.
  public func takes(_ unit: Int) -> Bool { unit % count == index - 1 }
}

extension Shard: CustomStringConvertible {
  public var description: String { "\(index)/\(count)" }
}

/// A row and its place among the rows of the whole run.
public struct PlacedRow<Row: Sendable>: Sendable {
  /// Where the row stands: places grow in the order of the rows, and have gaps.
  public var place: Int
  public var row: Row

  public init(place: Int, row: Row) {
    self.place = place
    self.row = row
  }
}

/// What the results of a shard say besides their rows, for merging.
public struct ShardRecord: Codable, Sendable, Equatable {
  public var shard: Shard
  /// The words of the command line that say what is done: the same for all shards of a run.
  public var plan: [String]
  /// The place of each accuracy row among those of the whole run.
  public var accuracyPlaces: [Int]
  /// The place of each property row among those of the whole run.
  public var propertyPlaces: [Int]

  public init(
    shard: Shard, plan: [String], accuracyPlaces: [Int] = [], propertyPlaces: [Int] = []
  ) {
    self.shard = shard
    self.plan = plan
    self.accuracyPlaces = accuracyPlaces
    self.propertyPlaces = propertyPlaces
  }
}
