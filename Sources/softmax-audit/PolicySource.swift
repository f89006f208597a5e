import Foundation
import PolicyFiles
import SoftmaxAudit

/// Policies from files, and whether their rules are of any use.
enum PolicySource {
  /// The policy in a file.
  ///
  /// - Throws: ``Mistakes`` of kind `malformedInput`, all that there are.
  static func read(_ path: String) throws -> Policy {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError(.malformedInput, "cannot read \(path); name a policy file")
    }
    // Servers that show violations beside a file know it by its place in the repository.
    let folder = FileManager.default.currentDirectoryPath + "/"
    let name = path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    guard let text = String(data: data, encoding: .utf8) else {
      throw UserError(
        .malformedInput, "\(name):1:1: the file is not UTF-8; YAML in UTF-8 is expected")
    }
    return try asMistakesOfUser { try PolicyFile.read(text, name: name) }
  }

  /// Rules that select nothing of what is measured, one sentence each; what selects nothing that there is at all is a mistake.
  ///
  /// - Parameters:
  ///   - place: What there is, in a few words.
  ///   - mayBeMissing: Whether something could not be loaded that a rule might mean.
  static func rulesWithoutCells(
    _ policy: Policy, cells: [PolicyCell], scopes: [PolicyCell.Scope], place: String,
    mayBeMissing: Bool
  ) throws -> [String] {
    var coverage = PolicyCoverage(policy)
    for cell in cells { coverage.add(cell) }
    for scope in scopes { coverage.add(scope) }
    var idle = coverage.rulesWithoutCells
    if !idle.isEmpty {
      // What there is and was not asked for this time is no mistake of the policy.
      let builtIn = GatePlan(policy, implementations: BuiltInImplementation.all) {
        ["--implementation", $0]
      }
      for cell in builtIn.cells { coverage.add(cell) }
      for scope in builtIn.scopes { coverage.add(scope) }
      if mayBeMissing { coverage.forgive(idle) }
    }
    let found = coverage.mistakes(among: place)
    guard found.isEmpty else {
      return try asMistakesOfUser {
        throw PolicyMistakes(name: policy.name, mistakes: found)
      }
    }
    idle.sort()
    return idle.map { index in
      let rule = policy.rules[index]
      return
        "\(policy.name):\(rule.place.line):\(rule.place.column): \(rule.selector.summary) was not measured"
    }
  }

  /// Hands mistakes of a policy on as mistakes of the user.
  private static func asMistakesOfUser<Value>(_ read: () throws -> Value) throws -> Value {
    do {
      return try read()
    } catch let error as PolicyMistakes {
      var mistakes = Mistakes()
      for one in error.errors { mistakes.add(one.kind, one.message) }
      throw mistakes
    }
  }
}

extension GateResult {
  /// Takes note of what was not measured.
  mutating func add(notMeasured reasons: [String]) {
    notMeasured += reasons
    if !notMeasured.isEmpty, verdict == .passed { verdict = .notMeasured }
  }
}
