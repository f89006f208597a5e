/// One of several parts of a run: every n-th unit of it, beginning with the i-th.
public struct Shard: Sendable, Hashable, Codable {
  /// From 1 to `count`.
  public let index: Int
  public let count: Int

  /// The largest number of parts.
  package static let greatestCount = 1_000_000

  /// - Throws: ``UserError`` of kind `usage` where there is no such part.
  public init(index: Int, count: Int) throws(UserError) {
    guard count >= 1, index >= 1, index <= count, count <= Self.greatestCount else {
      throw UserError(.usage, "--shard \(index)/\(count): use i/n with i from 1 to n")
    }
    self.index = index
    self.count = count
  }

  private enum CodingKeys: String, CodingKey {
    case index, count
  }

  /// A shard from a file.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let index = try container.decode(Int.self, forKey: .index)
    let count = try container.decode(Int.self, forKey: .count)
    do {
      try self.init(index: index, count: count)
    } catch {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "there is no shard \(index) of \(count)"))
    }
  }

  /// The shard of a text such as 2/3.
  public init(parsing text: String) throws(UserError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else {
      throw UserError(.usage, "--shard \(text): use i/n with i from 1 to n, such as 2/3")
    }
    try self.init(index: index, count: count)
  }

  /// Whether a unit of the run belongs to the part; units are counted from 0.
  public func contains(_ unit: Int) -> Bool { unit % count == index - 1 }

  public var text: String { "\(index)/\(count)" }
}
