import ArgumentParser
import AuditedOperations
import Audits
import Basics
import FloatFormats
import Foundation
import Laws
import LogitFamilies
import Oracle
import SoftmaxVariants

extension FloatFormat: ExpressibleByArgument {}
extension AuditedOperation: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { all.map(\.name) }
}
extension OracleTier: ExpressibleByArgument {}

/// Names and globs on the command line, and what they select.
enum Selection {
  /// Whether a text has the characters of a glob.
  static func isGlob(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// Whether a name matches a glob; `*` matches slashes too.
  static func matches(_ name: String, _ glob: String) -> Bool { fnmatch(glob, name, 0) == 0 }

  /// The implementations that names and globs select, in the order of the list; all for none.
  ///
  /// A name without a summation means sequential summation. A glob narrows to what is offered for one of the formats; a
  /// literal name selects the implementation whatever it is offered for.
  ///
  /// - Throws: ``UserError`` of kind `usage` for a literal name that is not known, of kind `notMeasured` where nothing
  ///   is selected.
  static func implementations(
    _ patterns: [String], in formats: [FloatFormat]
  ) throws(UserError) -> [BuiltInImplementation] {
    var named = Set<SoftmaxVariant>()
    var matched = Set<SoftmaxVariant>()
    for pattern in patterns.isEmpty ? ["*"] : patterns {
      if isGlob(pattern) {
        matched.formUnion(SoftmaxVariant.all.filter { matches($0.name, pattern) })
      } else if let variant = SoftmaxVariant(named: pattern), SoftmaxVariant.all.contains(variant) {
        named.insert(variant)
      } else {
        let hint = suggestion(for: pattern, among: SoftmaxVariant.all.map(\.name))
        throw UserError(
          .usage,
          "there is no implementation \"\(pattern)\"; 'softmax-audit list' shows those there are\(hint)"
        )
      }
    }
    let selected = BuiltInImplementation.all.filter {
      named.contains($0.variant)
        || matched.contains($0.variant) && $0.formats.contains(where: formats.contains)
    }
    guard !selected.isEmpty else {
      let wanted = patterns.joined(separator: ", ")
      guard !matched.isEmpty else {
        throw UserError(
          .notMeasured, "no implementation matches \(wanted); nothing was measured")
      }
      let offered = FloatFormat.allCases.filter { format in
        matched.contains { $0.formats.contains(format) }
      }
      throw UserError(
        .notMeasured,
        "no implementation that matches \(wanted) is offered for \(formats.listed); there --format can be \(offered.listed)"
      )
    }
    return selected
  }

  /// The families that names and globs select; all for none.
  static func families(_ patterns: [String]) throws(UserError) -> [LogitFamily] {
    guard !patterns.isEmpty else { return LogitFamily.all }
    for pattern in patterns where !isGlob(pattern) {
      guard LogitFamily.all.contains(where: { $0.name == pattern }) else {
        let hint = suggestion(for: pattern, among: LogitFamily.all.map(\.name))
        throw UserError(
          .usage,
          "there is no family \"\(pattern)\"; 'softmax-audit list --families' shows those there are\(hint)"
        )
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

  /// The cells of families in formats; where no lengths or number of samples are given, as many as a family deserves.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  static func cells(
    families patterns: [String], formats: [FloatFormat], lengths: [Int], samples: Int?,
    largestLogit: Double? = nil, isFromOutside: Bool = false
  ) throws -> [AuditPlan.Cell] {
    var mistakes = Mistakes()
    let families = try mistakes.collect { try Self.families(patterns) }
    let largestCell = AuditPlan.largestCell
    if let samples, samples < 1 || samples > largestCell {
      mistakes.add(.usage, "--samples \(samples): use a number from 1 to \(largestCell)")
    }
    try mistakes.collect { try Self.checkLargestLogit(largestLogit) }
    for length in lengths where length < 0 || length > LaneGeometry.largestLength {
      mistakes.add(
        .usage, "--length \(length): a length lies between 0 and \(LaneGeometry.largestLength)")
    }
    try mistakes.throwIfAny()
    let cells = AuditPlan.cells(
      families: families ?? [], formats: formats,
      lengths: lengths.isEmpty ? nil : lengths.uniqued(), samples: samples,
      largestLogit: largestLogit ?? .infinity, isFromOutside: isFromOutside)
    if cells.isEmpty, let largestLogit {
      throw UserError(
        .notMeasured,
        "--largest-logit \(largestLogit): every family asked for has larger logits; nothing was measured"
      )
    }
    for case .family(let family, let length, let samples) in cells.map(\.source)
    where length * samples > largestCell {
      throw UserError(
        .usage,
        "--samples \(samples): with length \(length) the family \(family.name) has more than \(largestCell) logits; use fewer"
      )
    }
    return cells
  }

  /// The families with logits beyond a limit, in a sentence; `nil` where none is left out.
  static func leftOut(
    _ patterns: [String], formats: [FloatFormat], lengths: [Int], largestLogit: Double?
  ) throws -> String? {
    guard let largestLogit else { return nil }
    let names = try families(patterns).filter { family in
      formats.contains { format in
        family.applies(to: format)
          && (lengths.isEmpty ? AuditPlan.defaultLengths(of: family) : lengths).contains {
            !family.staysWithin(largestLogit, as: format, length: $0)
          }
      }
    }.map(\.name)
    return notAsked(largestLogit, leftOut: names)
  }

  /// A sentence on logits that are not asked about.
  static func notAsked(_ largestLogit: Double, leftOut names: [String]) -> String {
    "not asked: logits beyond \(Int(exactly: largestLogit).map { "\($0)" } ?? "\(largestLogit)")"
      + (names.isEmpty
        ? "" : "; lanes that have them are left out of \(names.joined(separator: ", "))")
  }

  /// - Throws: ``UserError`` of kind `usage` for a limit that leaves nothing to tell a softmax by.
  static func checkLargestLogit(_ limit: Double?) throws(UserError) {
    guard let limit else { return }
    guard limit >= CheckSettings.leastLargestLogit, limit < .infinity else {
      throw UserError(.usage, "--largest-logit \(limit): use a finite number of at least 16")
    }
  }

  /// The laws that names and globs select; all for none.
  static func laws(_ patterns: [String]) throws(UserError) -> [Law] {
    guard !patterns.isEmpty else { return Law.all }
    for pattern in patterns where !isGlob(pattern) && Law.named(pattern) == nil {
      let hint = suggestion(for: pattern, among: Law.all.map(\.name))
      throw UserError(
        .usage,
        "there is no law \"\(pattern)\"; 'softmax-audit list --laws' shows those there are\(hint)")
    }
    let selected = Law.all.filter { law in
      patterns.contains { isGlob($0) ? matches(law.name, $0) : law.name == $0 }
    }
    guard !selected.isEmpty else {
      throw UserError(
        .notMeasured, "no law matches \(patterns.joined(separator: ", ")); nothing was checked")
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
    if let contradiction = policy.contradiction { throw UserError(.usage, contradiction) }
    return policy
  }

  /// The built-in variant whose bound a name declares.
  static func model(_ name: String) throws(UserError) -> SoftmaxVariant {
    guard let variant = SoftmaxVariant(named: name) else {
      throw UserError(
        .usage,
        "there is no model \"\(name)\"; a model is the name of a built-in variant, such as max-trick/pairwise/float32, "
          + "or of a combination, such as online+exp2+reciprocal/lanes-8/float32 (list --models)"
      )
    }
    return variant
  }

  private static func suggestion(for text: String, among names: [String]) -> String {
    let near =
      names.filter { $0.contains(text) || text.contains($0) }
      + names.filter { $0.hasPrefix(text.prefix(4)) }
    return near.first.map { "; did you mean \"\($0)\"?" } ?? ""
  }
}

extension Sequence<FloatFormat> {
  /// The names of the formats with commas.
  var listed: String { map(\.rawValue).joined(separator: ", ") }
}
