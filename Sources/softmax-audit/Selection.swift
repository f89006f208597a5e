import ArgumentParser
import FloatFormats
import Foundation
import SoftmaxAudit
import SoftmaxOracle
import SoftmaxVariants

extension FloatFormat: ExpressibleByArgument {}
extension SoftmaxOperation: ExpressibleByArgument {}

/// Names and globs on the command line, and what they select.
enum Selection {
  /// Whether a text has the characters of a glob.
  static func isGlob(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// Whether a name matches a glob; `*` matches slashes too.
  static func matches(_ name: String, _ glob: String) -> Bool { fnmatch(glob, name, 0) == 0 }

  /// The implementations that names and globs select, in the order of the list; all for none.
  ///
  /// A name without a summation means sequential summation. A literal name that is not known is a usage error, a glob
  /// that matches nothing selects nothing.
  static func implementations(_ patterns: [String]) throws(UserError) -> [BuiltInImplementation] {
    guard !patterns.isEmpty else { return BuiltInImplementation.all }
    var chosen = Set<SoftmaxVariant>()
    for pattern in patterns {
      if isGlob(pattern) {
        chosen.formUnion(SoftmaxVariant.all.filter { matches($0.name, pattern) })
      } else if let variant = SoftmaxVariant(named: pattern), SoftmaxVariant.all.contains(variant) {
        chosen.insert(variant)
      } else {
        throw UserError(
          .usage,
          "there is no implementation \"\(pattern)\"; 'softmax-audit list' shows those there are\(suggestion(for: pattern, among: SoftmaxVariant.all.map(\.name)))")
      }
    }
    let selected = BuiltInImplementation.all.filter { chosen.contains($0.variant) }
    guard !selected.isEmpty else {
      throw UserError(
        .notMeasured, "no implementation matches \(patterns.joined(separator: ", ")); nothing was measured")
    }
    return selected
  }

  /// The families that names and globs select; all for none.
  static func families(_ patterns: [String]) throws(UserError) -> [LogitFamily] {
    guard !patterns.isEmpty else { return LogitFamily.all }
    for pattern in patterns where !isGlob(pattern) {
      guard LogitFamily.all.contains(where: { $0.name == pattern }) else {
        throw UserError(
          .usage,
          "there is no family \"\(pattern)\"; 'softmax-audit list --families' shows those there are\(suggestion(for: pattern, among: LogitFamily.all.map(\.name)))")
      }
    }
    let selected = LogitFamily.all.filter { family in
      patterns.contains { isGlob($0) ? matches(family.name, $0) : family.name == $0 }
    }
    guard !selected.isEmpty else {
      throw UserError(
        .notMeasured, "no family matches \(patterns.joined(separator: ", ")); nothing was measured")
    }
    return selected
  }

  /// The policy that comma-separated names declare.
  static func specialLanes(_ text: String) throws(UserError) -> SpecialLanePolicy {
    var policy: SpecialLanePolicy = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let named = SpecialLanePolicy.names.first(where: { $0.0 == name }) else {
        let known = SpecialLanePolicy.names.map(\.0).joined(separator: ", ")
        throw UserError(.usage, "there is no special-lane policy \"\(name)\"; there are \(known)")
      }
      policy.formUnion(named.1)
    }
    if policy.contains(.maskedZero), policy.contains(.maskedUniform) {
      throw UserError(
        .usage, "masked-zero and masked-uniform contradict each other; declare one of them")
    }
    return policy
  }

  /// The built-in variant whose bound a name declares.
  static func model(_ name: String) throws(UserError) -> SoftmaxVariant {
    guard let variant = SoftmaxVariant(named: name) else {
      throw UserError(
        .usage,
        "there is no model \"\(name)\"; a model is the name of a built-in variant, such as max-trick/pairwise/float32")
    }
    return variant
  }

  private static func suggestion(for text: String, among names: [String]) -> String {
    let near = names.filter { $0.contains(text) || text.contains($0) }
      + names.filter { $0.hasPrefix(text.prefix(4)) }
    return near.first.map { "; did you mean \"\($0)\"?" } ?? ""
  }
}
