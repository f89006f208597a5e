import CForeignCalls
import SoftmaxAudit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a worker gave no answer.
enum WorkerTrouble: Error {
  case died(String)
  case late(seconds: Double, words: String)
  case rubbish(String)
}

/// A running worker, and the messages to and from it.
///
/// Calls to an implementation are synchronous, from whichever thread measures, and each must end in time. A blocking
/// `poll` with a deadline says just that; the asynchronous interfaces for subprocesses would need a second thread to wait
/// for every call.
final class WorkerProcess {
  /// What to start.
  struct Command: Sendable {
    /// The program, looked for on the path, and its arguments.
    var words: [String]
    /// Variables added to the environment.
    var environment: [String: String] = [:]
  }

  private let process: softmax_audit_process
  private var isReaped = false
  /// The last of what the worker wrote to standard error.
  private var words: [UInt8] = []
  private var received: [UInt8] = []

  private static let keptWords = 4096
  /// How often a waiting host looks at how much memory the worker has taken.
  private static let memoryCheckInterval = 0.1

  /// Starts a worker.
  ///
  /// - Throws: The system's reason, as ``WorkerTrouble/died(_:)``.
  init(_ command: Command) throws(WorkerTrouble) {
    var environment = ProcessInfo.processInfo.environment
    environment.merge(command.environment) { $1 }
    var arguments: [UnsafeMutablePointer<CChar>?] = command.words.map { strdup($0) }
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map {
      strdup("\($0.key)=\($0.value)")
    }
    arguments.append(nil)
    variables.append(nil)
    defer { for text in arguments + variables { free(text) } }
    var process = softmax_audit_process()
    let error = softmax_audit_spawn(&arguments, &variables, &process)
    guard error == 0 else {
      throw .died("cannot start \(command.words[0]): \(String(cString: strerror(error)))")
    }
    self.process = process
  }

  deinit {
    close(process.commands)
    _ = end(waiting: 0)
    close(process.answers)
    close(process.words)
  }

  /// What a program that is no worker writes to standard output.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be started or does not end in time.
  static func output(of command: Command, within limit: Double) throws(UserError) -> [UInt8] {
    do {
      let process = try WorkerProcess(command)
      let clock = ContinuousClock()
      let deadline = clock.now + .seconds(limit)
      while clock.now < deadline {
        var watched = pollfd(fd: process.process.answers, events: Int16(POLLIN), revents: 0)
        if poll(&watched, 1, 100) > 0, !process.readAnswers() { return process.received }
        process.readWords()
      }
      throw WorkerTrouble.late(seconds: limit, words: "")
    } catch WorkerTrouble.died(let text) {
      throw UserError(.notMeasured, text)
    } catch {
      throw UserError(.notMeasured, "\(command.words[0]) did not end within \(limit) s")
    }
  }

  // MARK: Messages

  /// Sends a message that has no answer.
  func send(_ kind: WorkerMessage, _ content: MessageContent) throws(WorkerTrouble) {
    let bytes = content.message(kind)
    if softmax_audit_send(process.commands, bytes, bytes.count) != 0 { throw .died(obituary()) }
  }

  /// The next message from the worker, with its kind as a number.
  ///
  /// - Parameter limit: How many seconds to wait for it.
  func receive(within limit: Double) throws(WorkerTrouble) -> (kind: UInt32, content: [UInt8]) {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(limit)
    while true {
      if let message = try takeMessage() { return message }
      let left = clock.now.duration(to: deadline) / .seconds(1)
      guard left > 0 else {
        _ = end(waiting: 0)
        readWords()
        throw .late(seconds: limit, words: lastWords)
      }
      var watched = [
        pollfd(fd: process.answers, events: Int16(POLLIN), revents: 0),
        pollfd(fd: process.words, events: Int16(POLLIN), revents: 0),
      ]
      let wait = min(left, Self.memoryCheckInterval)
      let count = poll(&watched, nfds_t(watched.count), Int32((wait * 1000).rounded(.up)))
      if count < 0, errno != EINTR { throw .died("cannot wait for the worker: errno \(errno)") }
      if count == 0 { try checkMemory() }
      if watched[1].revents != 0 { readWords() }
      if watched[0].revents != 0, !readAnswers() { throw .died(obituary()) }
    }
  }

  private func takeMessage() throws(WorkerTrouble) -> (UInt32, [UInt8])? {
    guard received.count >= WorkerMessage.headerSize else { return nil }
    var reader = MessageReader(received)
    let (kind, size) = (reader.take(UInt32.self) ?? 0, Int(reader.take(UInt32.self) ?? 0))
    guard size <= WorkerMessage.largestContent else {
      _ = end(waiting: 0)
      throw .rubbish(
        "the worker sent a message of \(size) bytes, which the protocol does not allow")
    }
    let end = WorkerMessage.headerSize + size
    guard received.count >= end else { return nil }
    let content = Array(received[WorkerMessage.headerSize..<end])
    received.removeFirst(end)
    return (kind, content)
  }

  /// Reads what there is; false at the end of the stream.
  private func readAnswers() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(process.answers, &buffer, buffer.count)
    if count > 0 { received += buffer[..<count] }
    return count > 0 || count < 0 && errno == EINTR
  }

  /// Whether bytes have come that nobody asked for.
  var hasUnreadBytes: Bool { !received.isEmpty }

  // MARK: The end

  /// Ends the worker and all that it started, and says how it ended.
  ///
  /// - Parameter seconds: How long it may take to end by itself.
  private func end(waiting seconds: Double) -> Int32? {
    guard !isReaped else { return nil }
    isReaped = true
    var status: Int32 = 0
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while clock.now < deadline {
      if waitpid(process.pid, &status, WNOHANG) == process.pid {
        kill(-process.pid, SIGKILL)
        return status
      }
      usleep(1000)
    }
    kill(-process.pid, SIGKILL)
    kill(process.pid, SIGKILL)
    while waitpid(process.pid, &status, 0) == -1, errno == EINTR {}
    return status
  }

  /// How the worker ended, with its last words.
  private func obituary() -> String {
    let status = end(waiting: 0.5)
    readWords()
    var text = "the worker died"
    if let status {
      let signal = status & 0x7F
      if signal == 0 {
        text = "the worker exited with status \((status >> 8) & 0xFF)"
      } else if signal == SIGKILL {
        text = "the worker was killed, or closed its output and did not end"
      } else {
        text = "the worker was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
      }
    }
    return text + lastWords
  }

  /// Reads what standard error has, without waiting.
  private func readWords() {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      var watched = pollfd(fd: process.words, events: Int16(POLLIN), revents: 0)
      guard poll(&watched, 1, 0) > 0 else { return }
      let count = read(process.words, &buffer, buffer.count)
      guard count > 0 else { return }
      words += buffer[..<count]
      if words.count > Self.keptWords { words.removeFirst(words.count - Self.keptWords) }
    }
  }

  /// The last lines of standard error, to stand behind a sentence; nothing where there are none.
  private var lastWords: String {
    let lines = String(decoding: words, as: UTF8.self).split(separator: "\n").suffix(6)
      .map { String($0.drop(while: \.isWhitespace)) }.filter { !$0.isEmpty }
    return lines.isEmpty ? "" : "; its last words: " + lines.joined(separator: " | ")
  }

  /// Ends a worker that takes more memory than the machine can spare.
  private func checkMemory() throws(WorkerTrouble) {
    #if os(Linux)
      guard let text = try? String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8),
        let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
      else { return }
      let bytes = pages * sysconf(Int32(_SC_PAGESIZE))
      guard bytes > 1 << 30,
        let memory = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
        let line = memory.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
        let free = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
        // More than it leaves to everybody else.
        bytes > free << 10
      else { return }
      _ = end(waiting: 0)
      throw .died("the worker took \(bytes >> 20) MiB of memory and was stopped")
    #endif
  }
}
