/// The figures of a row by their descriptors; those that a row lacks are absent from its JSON.
public struct FigureValues: Codable, Sendable, Equatable {
  private var values: [String: Figure] = [:]

  package init() {}

  package subscript(descriptor: FigureDescriptor) -> Figure? {
    get { values[descriptor.key] }
    set { values[descriptor.key] = newValue }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for descriptor in FigureDescriptor.all {
      values[descriptor.key] = try container.decodeIfPresent(
        Figure.self, forKey: Key(stringValue: descriptor.key))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, value) in values { try container.encode(value, forKey: Key(stringValue: key)) }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
