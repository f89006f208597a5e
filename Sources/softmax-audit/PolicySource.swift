import AuditRecords
import Audits
import Basics
import Foundation
import LogitFamilies
import Policies
import PolicyFiles

/// Policies from files, and whether their rules are of any use.
enum PolicySource {
  /// The name of a policy in messages: its path, from the current folder where it lies there.
  static func name(of path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
  }

  /// The policy in a file.
  ///
  /// - Throws: ``PolicyMistakes``, all that there are; ``UserError`` where there is no text to
  ///   read.
  static func read(_ path: String) throws -> Policy {
    let data = try MappedFile.document(path, advice: "a policy file")
    let name = name(of: path)
    guard let text = String(data: data, encoding: .utf8) else {
      throw UserError(
        .malformedInput, "\(name):1:1: the file is not UTF-8; YAML in UTF-8 is expected")
    }
    var policy = try PolicyFile.read(text, name: name)
    policy.digest = SHA256.hexDigest(of: data)
    return policy
  }

  /// The selections of a policy beside the measured cells, and those that it passes over.
  ///
  /// - Throws: ``PolicyMistakes`` for what selects nothing that there is at all.
  static func coverage(
    of policy: Policy, cells: [PolicyCell], scopes: [RowScope],
    _ surroundings: PolicyCoverage.Surroundings
  ) throws(PolicyMistakes) -> PolicyCoverage.Finding {
    var coverage = PolicyCoverage(policy)
    for cell in cells { coverage.add(cell) }
    for scope in scopes { coverage.add(scope) }
    let finding = coverage.finding(surroundings)
    guard finding.mistakes.isEmpty else {
      throw PolicyMistakes(name: policy.name, mistakes: finding.mistakes)
    }
    return finding
  }

  /// Makes sure that no cell which a policy asks for has more logits than fit into memory.
  ///
  /// - Throws: ``PolicyMistakes`` with the place of the samples.
  static func checkSizes(_ plan: GatePlan, _ policy: Policy) throws(PolicyMistakes) {
    for audit in plan.audits {
      for cell in audit.cells {
        guard case .family(let family, let length, let samples) = cell.source,
          length.multipliedReportingOverflow(by: samples).partialValue > AuditPlan.largestCell
        else { continue }
        let rule = policy.rules.last {
          $0.settings.samples != nil && $0.selector.matches(family: family.name)
            && $0.selector.matches(length: length)
        }
        let place =
          rule?.place(of: "samples") ?? policy.places["samples"] ?? PolicyPlace(line: 1, column: 1)
        throw PolicyMistakes(
          name: policy.name,
          mistakes: [
            PolicyMistake(
              place,
              "samples is \(samples); with length \(length) the family \(family.name) has more than \(AuditPlan.largestCell) logits, fewer are expected"
            )
          ])
      }
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
