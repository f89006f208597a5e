import Foundation
import SoftmaxAudit

/// Results as JSON and back.
public enum ResultsJSON {
  /// The document: keys sorted, one line for every row, so that two runs can be compared with diff.
  public static func encode(_ results: AuditResults) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var head = results
    head.accuracy = []
    guard var text = String(data: try encoder.encode(head), encoding: .utf8) else {
      throw InternalError("the results are not UTF-8")
    }
    let rows = try results.accuracy.map { row -> String in
      guard let line = String(data: try encoder.encode(row), encoding: .utf8) else {
        throw InternalError("a row of the results is not UTF-8")
      }
      return line
    }
    let marker = "\"accuracy\":[]"
    guard let range = text.range(of: marker) else {
      throw InternalError("the results have no place for their rows")
    }
    let body = rows.isEmpty ? "[]" : "[\n" + rows.joined(separator: ",\n") + "\n]"
    text.replaceSubrange(range, with: "\"accuracy\":" + body)
    return Data((text + "\n").utf8)
  }

  /// The results in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is not what it should be.
  public static func decode(_ data: Data, name: String) throws -> AuditResults {
    struct Header: Decodable {
      var schema: String
    }
    let decoder = JSONDecoder()
    do {
      let header = try decoder.decode(Header.self, from: data)
      guard header.schema == AuditResults.currentSchema else {
        throw UserError(
          .malformedInput,
          "\(name) has the schema \"\(header.schema)\"; this version reads \"\(AuditResults.currentSchema)\": "
            + "make it again with this version")
      }
      return try decoder.decode(AuditResults.self, from: data)
    } catch let error as DecodingError {
      throw UserError(.malformedInput, "\(name) is not a results file: \(describe(error))")
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
      let text = context.debugDescription
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

  /// What JSON calls a type.
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
