import Foundation

/// Reads JSON documents that name their schema.
package enum SchemaJSON {
  private struct Header: Decodable {
    var schema: String
  }

  /// The schema that a document names.
  package static func schema(of data: Data, name: String) throws -> String {
    do {
      return try StrictJSON.decode(Header.self, from: data).schema
    } catch let error as DecodingError {
      throw UserError(
        .malformedInput, "\(name) is none of this program's files: \(describe(error))")
    }
  }

  /// A document of a schema.
  ///
  /// - Parameter kind: What the file should have been.
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is
  ///   not what it should be.
  package static func decode<Document: Decodable>(
    _ type: Document.Type, schema: String, from data: Data, name: String, kind: String
  ) throws -> Document {
    let decoder = JSONDecoder()
    do {
      try StrictJSON.check(data)
      let header = try decoder.decode(Header.self, from: data)
      guard header.schema == schema else {
        throw UserError(
          .malformedInput,
          "\(name) has the schema \"\(header.schema)\"; this version reads \"\(schema)\": "
            + "make it again with this version")
      }
      try DocumentChecksum.check(data, name: name)
      return try decoder.decode(Document.self, from: data)
    } catch let error as DecodingError {
      throw UserError(.malformedInput, "\(name) is not a \(kind) file: \(describe(error))")
    }
  }

  private static func describe(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath)), the key \"\(key.stringValue)\" is missing"
    case .typeMismatch(let type, let context):
      return "\(place(context.codingPath)), \(name(of: type)) is expected"
    case .valueNotFound(let type, let context):
      return "\(place(context.codingPath)), \(name(of: type)) is expected instead of null"
    case .dataCorrupted(let context):
      // Of a number that is none of the type's the decoder says that the text is no JSON, and the
      // error below it that the number is not.
      let cause = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
      let text = cause ?? context.debugDescription
      return "\(place(context.codingPath)), \(text.hasSuffix(".") ? String(text.dropLast()) : text)"
    @unknown default:
      return "its structure is not that of the schema"
    }
  }

  /// A place in the document: `accuracy[3].bound.model`.
  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "at the top" }
    let text = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
    return "at " + (text.hasPrefix(".") ? String(text.dropFirst()) : text)
  }

  /// The JSON name of a type.
  private static func name(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is any BinaryInteger.Type: "an integer"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type: "an array"
    case is [String: Any].Type: "an object"
    default: "a value of type \(type)"
    }
  }
}
