import AuditRecords
import AuditedOperations
import Basics
import Foundation
import Policies
import Yams

/// Reads policy files.
///
/// The file is read as a tree of nodes, not decoded into a type: a node knows its line and column,
/// and one run can name all mistakes.
package enum PolicyFile {
  /// Reads the numbers of a file that a policy names: a mask, sinks or the weights of classes.
  package typealias Numbers = (_ path: String) throws -> NumberFile

  /// The name of a policy in messages: its path, from the current folder where it lies there.
  package static func name(of path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
  }

  /// The policy in a file.
  ///
  /// - Parameter numbers: Reads the files that it names.
  /// - Throws: ``PolicyMistakes``, all that there are; ``UserError`` where there is no text to
  ///   read.
  package static func read(
    contentsOf path: String, numbers: @escaping Numbers
  ) throws -> Policy {
    let data = try MappedFile.document(path, advice: "a policy file")
    let name = name(of: path)
    guard let text = String(data: data, encoding: .utf8) else {
      throw UserError(
        .malformedInput, "\(name):1:1: the file is not UTF-8; YAML in UTF-8 is expected")
    }
    var policy = try read(text, name: name, numbers: numbers)
    policy.digest = SHA256.hexDigest(of: data)
    return policy
  }

  /// The policy in a text.
  ///
  /// - Parameters:
  ///   - name: What the file is called in messages.
  ///   - numbers: Reads the files that it names.
  /// - Throws: ``PolicyMistakes``, all that there are in it.
  package static func read(
    _ text: String, name: String, numbers: @escaping Numbers = noFiles
  ) throws -> Policy {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw PolicyMistakes(name: name, mistakes: [mistake(for: error, in: text)])
    }
    guard let root else {
      throw PolicyMistakes(
        name: name,
        mistakes: [
          PolicyMistake(
            PolicyPlace(line: 1, column: 1),
            "the file is empty; a policy begins with schema: \(Policy.currentSchema)")
        ])
    }
    var reader = PolicyReader(numbers: numbers)
    let policy = reader.policy(root, name: name)
    guard let policy, reader.mistakes.isEmpty else {
      throw PolicyMistakes(name: name, mistakes: reader.mistakes)
    }
    return policy
  }

  /// Reads no file.
  package static func noFiles(_ path: String) throws -> NumberFile {
    throw UserError(.malformedInput, "\(path) cannot be read here; a number is expected")
  }

  /// The parser's objection, at its place.
  private static func mistake(for error: YamlError, in text: String) -> PolicyMistake {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return PolicyMistake(PolicyPlace(mark), "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      return PolicyMistake(
        secondPlace(of: key, inMappingAt: context.mark, of: text),
        "\"\(key)\" stands here a second time; a key is expected once")
    default:
      return PolicyMistake(
        PolicyPlace(line: 1, column: 1), "this is not YAML that can be read; UTF-8 is expected")
    }
  }

  /// The second place of a key in a mapping; the parser tells only where the mapping begins.
  private static func secondPlace(
    of key: String, inMappingAt mark: Mark, of text: String
  ) -> PolicyPlace {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var seen = 0
    for (index, line) in lines.enumerated() where index + 1 >= mark.line {
      // The first key of an item follows a dash.
      let content = line.dropFirst(mark.column - 1)
      guard content.hasPrefix("\(key):") || content.hasPrefix("\"\(key)\":") else { continue }
      seen += 1
      if seen == 2 { return PolicyPlace(line: index + 1, column: mark.column) }
    }
    return PolicyPlace(mark)
  }
}

extension PolicyPlace {
  init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }

  init(_ node: Node) {
    self = node.mark.map { PolicyPlace($0) } ?? PolicyPlace(line: 1, column: 1)
  }
}
