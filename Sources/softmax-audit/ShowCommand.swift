import ArgumentParser
import AuditReports
import Basics
import ExternalImplementations

/// Prints the files that people need beside the program, so that it can be installed as one file.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints a file that comes with the program: the header, the protocol, a schema.",
    discussion: """
      Without a name it lists them.

      Example:
        softmax-audit show softmax_audit.h > softmax_audit.h
      """
  )

  @Argument(help: "The name of the file.")
  var name: String?

  private struct File {
    let name: String
    let subject: String
    let content: [UInt8]
  }

  private static var files: [File] {
    [
      File(
        name: "softmax_audit.h", subject: "the C interface of plug-ins (--plugin)",
        content: InterfaceFiles.header),
      File(
        name: "WorkerProtocol.md", subject: "the protocol of workers (--worker)",
        content: InterfaceFiles.workerProtocol),
    ]
      + SchemaFile.all.map {
        File(name: $0.name, subject: "the JSON schema of \($0.subject)", content: $0.content)
      }
  }

  func run() throws {
    let files = Self.files
    guard let name else {
      let width = files.map(\.name.count).max() ?? 0
      for file in files {
        try Console.print("  \(file.name.padded(to: width))  \(file.subject)\n")
      }
      return
    }
    guard let file = files.first(where: { $0.name == name }) else {
      throw UserError(
        .usage, "there is no file \(name); there are \(files.map(\.name).joined(separator: ", "))")
    }
    try Console.print(String(decoding: file.content, as: UTF8.self))
  }
}
