import AuditRecords
import AuditReports
import Foundation
import Testing

/// What a run of the program left behind.
struct Outcome: Sendable {
  /// The exit status; that of a shell, 128 and the signal, where a signal ended the program.
  let status: Int32
  let output: String
  let notes: String

  /// The lines of the standard output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Checks that the program refused to work: a status, nothing on standard output, one line on
  /// standard error.
  func expectRefusal(
    _ status: Int32, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(self.status == status, sourceLocation: sourceLocation)
    #expect(output == "", sourceLocation: sourceLocation)
    #expect(notes == "error: \(message)\n", sourceLocation: sourceLocation)
  }
}

/// The program did not end in time.
struct TimeLimitExceeded: Error {
  let arguments: [String]
}

/// The program of `SOFTMAX_AUDIT_PROGRAM`, where scripts/test says which one it has built;
/// otherwise the one that lies beside the resources of the tests.
let builtProgram =
  ProcessInfo.processInfo.environment["SOFTMAX_AUDIT_PROGRAM"].map { URL(fileURLWithPath: $0) }
  ?? Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("softmax-audit")

/// Places for programs that run at the same time.
///
/// Every test of this target starts a program and waits without holding a thread, so all of them
/// would start theirs at once: a hundred programs on two processors, each of which exceeds any
/// limit of time that is there to find one that hangs.
private actor ProgramPlaces {
  static let shared = ProgramPlaces()
  private var free = ProcessInfo.processInfo.activeProcessorCount
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func giveBack() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}

/// Runs the built program, as soon as there is a place for it.
///
/// - Parameters:
///   - program: The path of another program to be run instead.
///   - arguments: The command line.
///   - environment: Variables added to those of the tests.
///   - output: Where standard output goes instead of into the outcome.
///   - limit: So many seconds after its start the program is killed.
@discardableResult
func run(
  program: String? = nil, _ arguments: [String], environment: [String: String] = [:],
  output: FileHandle? = nil, limit: Double = 300
) async throws -> Outcome {
  await ProgramPlaces.shared.take()
  do {
    let outcome = try await runAtOnce(
      program: program, arguments, environment: environment, output: output, limit: limit)
    await ProgramPlaces.shared.giveBack()
    return outcome
  } catch {
    await ProgramPlaces.shared.giveBack()
    throw error
  }
}

private func runAtOnce(
  program: String?, _ arguments: [String], environment: [String: String], output: FileHandle?,
  limit: Double
) async throws -> Outcome {
  let process = Process()
  process.executableURL = program.map { URL(fileURLWithPath: $0) } ?? builtProgram
  process.arguments = arguments
  // The width of help must not depend on the terminal of whoever runs the tests.
  process.environment = ProcessInfo.processInfo.environment.filter {
    !["COLUMNS", "LINES"].contains($0.key)
  }.merging(environment) { $1 }
  process.standardInput = FileHandle.nullDevice
  // Files take any amount without anybody reading at the other end.
  let folder = try TemporaryFolder()
  let outputFile = try folder.file("stdout", Data())
  let notesFile = try folder.file("stderr", Data())
  let outputHandle = try FileHandle(forWritingTo: URL(fileURLWithPath: outputFile))
  let notesHandle = try FileHandle(forWritingTo: URL(fileURLWithPath: notesFile))
  process.standardOutput = output ?? outputHandle
  process.standardError = notesHandle
  // Not left to the end of the process's life: a cancelled `killer` stays with the queue until its
  // deadline. Descriptors of all runs of five minutes would be open, and `Process.run`, which lists
  // them, reads beyond the end of the list when there are more than 1360.
  defer {
    try? outputHandle.close()
    try? notesHandle.close()
  }

  let killer = DispatchWorkItem {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
  try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
    process.terminationHandler = { _ in ended.resume() }
    do {
      try process.run()
      DispatchQueue.global().asyncAfter(deadline: .now() + limit, execute: killer)
    } catch {
      process.terminationHandler = nil
      ended.resume(throwing: error)
    }
  }
  killer.cancel()
  let wasKilled = process.terminationReason == .uncaughtSignal
  if wasKilled, process.terminationStatus == SIGKILL {
    throw TimeLimitExceeded(arguments: arguments)
  }
  return Outcome(
    status: process.terminationStatus + (wasKilled ? 128 : 0),
    output: try String(contentsOfFile: outputFile, encoding: .utf8),
    notes: try String(contentsOfFile: notesFile, encoding: .utf8))
}

/// Runs the built program with the words of a command line; quotes mean nothing.
@discardableResult
func run(_ command: String) async throws -> Outcome {
  try await run(command.split(separator: " ").map(String.init))
}

/// A folder that exists as long as the value is in use.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("softmax-audit-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of something in the folder.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// The path of a new file with a content.
  func file(_ name: String, _ content: Data) throws -> String {
    try content.write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// The path of a new .npy file of float32 numbers, put together by hand.
  func array(_ name: String, _ elements: [Float], shape: [Int]) throws -> String {
    try numpy(name, "<f4", elements.map(\.bitPattern), shape: shape)
  }

  /// The path of a new .npy file of 64-bit integers.
  func integers(_ name: String, _ elements: [Int64], shape: [Int]) throws -> String {
    try numpy(name, "<i8", elements, shape: shape)
  }

  /// The path of a new .npy file of bytes with a type of one byte, as `|u1` or `<V1`.
  func bytes(_ name: String, _ elements: [UInt8], descr: String, shape: [Int]) throws -> String {
    try numpy(name, descr, elements, shape: shape)
  }

  private func numpy<Word: FixedWidthInteger>(
    _ name: String, _ descr: String, _ words: [Word], shape: [Int]
  ) throws -> String {
    let dimensions = shape.map { "\($0), " }.joined()
    var header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let count = UInt16(header.utf8.count)
    var data = Data([0x93]) + Data("NUMPY".utf8)
    data += Data([1, 0, UInt8(count & 0xFF), UInt8(count >> 8)]) + Data(header.utf8)
    for word in words {
      withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
    }
    return try file(name, data)
  }

  /// The names of what is in the folder.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }
}

/// The results in a file.
func results(in path: String) throws -> AuditResults {
  try ResultsJSON.decode(Data(contentsOf: URL(fileURLWithPath: path)), name: path)
}

/// The text of a document without what may differ between equal runs: times, the machine, the
/// command, and the checksum, which covers them.
func figures(in path: String) throws -> String {
  try String(contentsOfFile: path, encoding: .utf8)
    .replacing(/"nsPerElement" ?:[^,}]*,?/, with: "")
    .replacing(/"environment" ?: ?{[^}]*}/, with: "")
    .replacing(/"command" ?: ?"[^"]*"/, with: "")
    .replacing(/"checksum":"[^"]*",/, with: "")
}
