import Basics

/// The facts about the whole run in a results file of a shard, so that shards can be put together.
public struct ShardNote: Codable, Sendable, Equatable {
  /// From 1 to `count`.
  public var index: Int
  public var count: Int
  /// SHA-256 of all that decides what the whole run measures; the same for all shards of one run.
  public var plan: String
  /// The places that the rows of this shard have in the whole run.
  public var places: [Int]

  public init(_ shard: Shard, plan: String, places: [Int]) {
    index = shard.index
    count = shard.count
    self.plan = plan
    self.places = places
  }
}
