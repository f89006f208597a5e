import ArgumentParser
import AuditReports
import Basics
import Foundation

/// Options that take one value and were given more than once.
///
/// The parser takes the last value and forgets the others, which would be ignored in silence.
enum RepeatedOptions {
  /// - Throws: ``Mistakes``, one for each such option.
  static func refuse(in words: [String]) throws {
    var counts: [String: Int] = [:]
    var order: [String] = []
    for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let name = String(word.dropFirst(2).prefix { $0 != "=" })
      if counts[name, default: 0] == 1 { order.append(name) }
      counts[name, default: 0] += 1
    }
    guard !order.isEmpty else { return }
    let single = singleValued(in: words.first { !$0.hasPrefix("-") })
    var mistakes = Mistakes()
    for name in order where single.contains(name) {
      mistakes.add(
        .usage,
        "--\(name) was given \(counts[name] ?? 2) times and takes one value; keep one of them")
    }
    try mistakes.throwIfAny()
  }

  /// The parser's description of its commands.
  private struct Dump: Decodable {
    struct Command: Decodable {
      var commandName: String
      var arguments: [Argument]?
      var subcommands: [Command]?
    }
    struct Argument: Decodable {
      struct Name: Decodable { var name: String }
      var kind: String
      var isRepeating: Bool
      var names: [Name]?
    }
    var command: Command
  }

  /// The long names of the options of a command that take one value.
  private static func singleValued(in command: String?) -> Set<String> {
    let text = SoftmaxAuditCommand._dumpHelp()
    guard let dump = try? JSONDecoder().decode(Dump.self, from: Data(text.utf8)),
      let found = dump.command.subcommands?.first(where: { $0.commandName == command })
    else { return [] }
    return Set(
      (found.arguments ?? []).filter { $0.kind == "option" && !$0.isRepeating }
        .flatMap { $0.names ?? [] }.map(\.name))
  }
}
