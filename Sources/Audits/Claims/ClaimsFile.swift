import Basics
import Foundation

/// A file of published claims.
package enum ClaimsFile {
  /// The claims in a file.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that says which claim is wrong and how.
  package static func read(_ path: String) throws(UserError) -> [PublishedClaim] {
    let data = try MappedFile.document(path, advice: "a file of claims")
    let claims: [PublishedClaim]
    do {
      claims = try StrictJSON.decode([PublishedClaim].self, from: data)
    } catch {
      throw UserError(.malformedInput, "\(path) is no list of claims: \(words(error))")
    }
    guard !claims.isEmpty else { throw UserError(.malformedInput, "\(path) holds no claim") }
    var seen = Set<String>()
    for claim in claims where !seen.insert(claim.id).inserted {
      throw UserError(.malformedInput, "\(path) has two claims \"\(claim.id)\"; rename one")
    }
    return claims
  }

  private static func words(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let (context, words) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\"\(key.stringValue)\" is missing")
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let place = context.codingPath.map { key in
      key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
    }.joined()
    return place.isEmpty ? words : "at \(place), \(words)"
  }
}
