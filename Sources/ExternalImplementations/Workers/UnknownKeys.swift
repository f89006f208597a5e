/// Keys of a JSON object that mean nothing: mostly a misspelt one, whose value would be left out in
/// silence.
struct UnknownKeys: Error {
  /// The keys, and those that there are, in a sentence.
  let sentence: String

  /// Any key of an object.
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Looks at the keys of the object that a decoder is at.
  ///
  /// - Throws: ``UnknownKeys`` where there are others than the known ones.
  static func refuse<Known: CodingKey & CaseIterable>(
    in decoder: any Decoder, but known: Known.Type
  ) throws {
    let names = known.allCases.map(\.stringValue)
    let unknown = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue)
      .filter { !names.contains($0) }.sorted()
    guard !unknown.isEmpty else { return }
    let keys = unknown.map { "\"\(ForeignText.shown($0))\"" }.joined(separator: ", ")
    throw UnknownKeys(
      sentence:
        "the unknown \(unknown.count == 1 ? "key" : "keys") \(keys); there are \(names.sorted().joined(separator: ", "))"
    )
  }
}
