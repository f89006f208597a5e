import Basics

/// The facts about the whole run in a results file of a shard, so that shards can be put together.
package struct ShardNote: Codable, Sendable, Equatable {
  /// From 1 to `count`.
  package var index: Int
  package var count: Int
  /// SHA-256 of all that decides what the whole run measures; the same for all shards of one run.
  package var plan: String
  /// The places that the rows of this shard have in the whole run.
  package var places: [Int]

  package init(_ shard: Shard, plan: String, places: [Int]) {
    index = shard.index
    count = shard.count
    self.plan = plan
    self.places = places
  }
}
