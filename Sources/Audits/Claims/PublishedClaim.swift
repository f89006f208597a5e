import AuditedOperations
import Basics
import FloatFormats

/// A softmax that somebody printed: logits, the axis, and the decimals shown.
///
/// In JSON, one of an array:
///
/// ```json
/// {"id": "lecture", "logits": [2.0, 1.0, 0.1], "axis": -1, "format": "float64",
///  "printed": ["0.6590011388859679", "0.2424329707047139", "0.09856589040931818"], "note": ""}
/// ```
///
/// `logits` and `printed` are nested alike, as deep as the tensor has dimensions. Logits are
/// numbers, or texts where a number of JSON does not say enough (`"0x1.8p-4"`, `"-inf"`); they are
/// rounded to `format`, the format of the code that printed. `printed` are texts, for the digits
/// count. `axis` is -1 and `format` float64 where they are not given.
package struct PublishedClaim: Sendable {
  package let id: String
  package let note: String
  package let format: FloatFormat
  package let geometry: LaneGeometry
  /// The logits as written.
  package let logits: [String]
  package let printed: [PrintedDecimal]
}

extension PublishedClaim: Decodable {
  /// The greatest number of dimensions of a claim: as many as a `.npy` file may have.
  private static let greatestRank = 64

  private enum Key: String, CodingKey, CaseIterable {
    case id, logits, axis, format, printed, note
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package init(from decoder: any Decoder) throws {
    func mistake(_ words: String, _ key: Key? = nil) -> DecodingError {
      .dataCorrupted(
        .init(
          codingPath: decoder.codingPath + (key.map { [$0] } ?? []), debugDescription: words))
    }
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys
    where Key(rawValue: key.stringValue) == nil {
      throw mistake(
        "there is no key \"\(key.stringValue)\"; a claim has "
          + Key.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let container = try decoder.container(keyedBy: Key.self)
    id = try container.decode(String.self, forKey: .id)
    note = try container.decodeIfPresent(String.self, forKey: .note) ?? ""
    let name = try container.decodeIfPresent(String.self, forKey: .format) ?? "float64"
    guard let format = FloatFormat(rawValue: name) else {
      throw mistake("there is no format \"\(name)\"", .format)
    }
    self.format = format
    let logits = try container.decode(NestedArray<LogitText>.self, forKey: .logits)
    let printed = try container.decode(NestedArray<String>.self, forKey: .printed)
    guard let shape = logits.shape, !shape.isEmpty else {
      throw mistake("the logits are not nested evenly, or are no array", .logits)
    }
    guard shape.count <= Self.greatestRank else {
      throw mistake(
        "the logits are nested \(shape.count) deep; \(Self.greatestRank) is the most", .logits)
    }
    guard printed.shape == shape else {
      throw mistake("\"printed\" is not nested as \"logits\" is: \(shape)", .printed)
    }
    let axis = try container.decodeIfPresent(Int.self, forKey: .axis) ?? -1
    do {
      geometry = try LaneGeometry(shape: shape, axis: axis)
    } catch {
      throw mistake(error.message, .axis)
    }
    self.logits = logits.leaves.map(\.text)
    self.printed = try printed.leaves.map { text in
      guard let decimal = PrintedDecimal(text) else {
        throw mistake("\"\(text)\" is no decimal", .printed)
      }
      return decimal
    }
    for text in self.logits {
      guard let value = Double(text), value < .infinity else {
        throw mistake("\"\(text)\" is no logit; it must be finite or -inf", .logits)
      }
    }
  }

  /// A logit: a number or a text.
  private struct LogitText: Decodable {
    let text: String
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self.text = text
      } else {
        text = try container.decode(Double.self).description
      }
    }
  }

  /// Arrays in arrays, with leaves at one depth.
  private indirect enum NestedArray<Leaf: Decodable>: Decodable {
    case leaf(Leaf)
    case array([NestedArray])

    init(from decoder: any Decoder) throws {
      // Whatever is no array is a leaf, which says itself what is wrong with it.
      if (try? decoder.unkeyedContainer()) != nil {
        self = .array(try [NestedArray](from: decoder))
      } else {
        self = .leaf(try Leaf(from: decoder))
      }
    }

    var leaves: [Leaf] {
      switch self {
      case .leaf(let leaf): [leaf]
      case .array(let parts): parts.flatMap(\.leaves)
      }
    }

    /// The dimensions; nil where parts differ.
    var shape: [Int]? {
      guard case .array(let parts) = self else { return [] }
      guard let first = parts.first else { return [0] }
      guard let inner = first.shape else { return nil }
      // The first part is not asked again, for each level would double the time.
      guard parts.dropFirst().allSatisfy({ $0.shape == inner }) else { return nil }
      return [parts.count] + inner
    }
  }
}
