import Basics
import CForeignCalls

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

/// The reason why a worker gave no answer.
enum WorkerTrouble: Error {
  case died(String)
  /// It closed its output and lives on: nothing will ever come, and its end took patience.
  case fellSilent(String)
  case late(seconds: Double, words: String)
  case rubbish(String)
}

/// A running worker, and the messages to and from it.
///
/// Calls to an implementation are synchronous, from whichever thread measures, and each must end in
/// time. A blocking `poll` with a deadline says just that; the asynchronous interfaces for
/// subprocesses would need a second thread to wait for every call.
final class WorkerProcess {
  /// The program to start.
  struct Command: Sendable {
    /// The program, looked for on the path, and its arguments.
    var words: [String]
    /// Variables added to the environment.
    var environment: [String: String] = [:]
    /// The beginning of its standard input, before the messages.
    var input: [UInt8] = []
    var memory = MemoryWatch(limit: nil)
  }

  private let process: softmax_audit_process
  private let memory: MemoryWatch
  /// The mark of the processes that this worker starts.
  private let mark: String
  private var isReaped = false
  private var lastWords = LastWords()
  private var received: [UInt8] = []

  /// The interval at which a waiting host looks at the memory of the worker, whatever the worker
  /// writes meanwhile.
  private static let memoryCheckInterval = 0.1

  /// Starts a worker.
  ///
  /// - Throws: The system's reason, as ``WorkerTrouble/died(_:)``.
  init(_ command: Command) throws(WorkerTrouble) {
    memory = command.memory
    mark = UUID().uuidString
    _ = ProcessTree.adoptsOrphans
    var environment = ProcessInfo.processInfo.environment
    environment.merge(command.environment) { $1 }
    environment[ProcessTree.variable] = mark
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

  /// The standard output of a program that is no worker.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where it cannot be started or does not end in
  ///   time.
  static func output(of command: Command, within limit: Double) throws(UserError) -> [UInt8] {
    do {
      let process = try WorkerProcess(command)
      try process.send(command.input, within: limit)
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
  ///
  /// - Parameter limit: How many seconds the worker may take to read it.
  func send(
    _ kind: WorkerMessage, _ content: MessageContent, within limit: Double
  ) throws(WorkerTrouble) {
    try send(content.message(kind), within: limit)
  }

  /// Sends bytes that are no message, or a whole one.
  ///
  /// - Parameter limit: How many seconds the worker may take to read them.
  func send(_ bytes: [UInt8], within limit: Double) throws(WorkerTrouble) {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(limit)
    var done = 0
    while done < bytes.count {
      let sent = bytes.withUnsafeBytes {
        softmax_audit_send(process.commands, $0.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if sent < 0 { throw gone() }
      done += sent
      guard sent == 0 else { continue }
      let left = clock.now.duration(to: deadline) / .seconds(1)
      guard left > 0 else { throw late(limit) }
      // It may write about itself instead of reading.
      readWords()
      var watched = pollfd(fd: process.commands, events: Int16(POLLOUT), revents: 0)
      _ = poll(&watched, 1, Int32((min(left, Self.memoryCheckInterval) * 1000).rounded(.up)))
    }
  }

  /// The next message from the worker, with its kind as a number.
  ///
  /// - Parameter limit: How many seconds to wait for it.
  func receive(within limit: Double) throws(WorkerTrouble) -> (kind: UInt32, content: [UInt8]) {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(limit)
    var nextCheck = clock.now + .seconds(Self.memoryCheckInterval)
    while true {
      if let message = try takeMessage() { return message }
      let now = clock.now
      let left = now.duration(to: deadline) / .seconds(1)
      guard left > 0 else { throw late(limit) }
      if now >= nextCheck {
        if let objection = memory.objection(to: process.pid) {
          _ = end(waiting: 0)
          throw .died(objection)
        }
        nextCheck = clock.now + .seconds(Self.memoryCheckInterval)
      }
      var watched = [
        pollfd(fd: process.answers, events: Int16(POLLIN), revents: 0),
        pollfd(fd: process.words, events: Int16(POLLIN), revents: 0),
      ]
      // A worker that has closed its standard error would end every wait at once.
      let count = poll(
        &watched, areWordsOver ? 1 : 2,
        Int32((min(left, Self.memoryCheckInterval) * 1000).rounded(.up)))
      if count < 0, errno != EINTR { throw .died("cannot wait for the worker: errno \(errno)") }
      if watched[1].revents != 0 { readWords() }
      if watched[0].revents != 0, !readAnswers() { throw gone() }
    }
  }

  private func late(_ limit: Double) -> WorkerTrouble {
    _ = end(waiting: 0)
    readWords()
    return .late(seconds: limit, words: lastWords.sentence)
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
  /// - Returns: The system's status; nil where somebody else has it, or the worker did not end by
  ///   itself.
  private func end(waiting seconds: Double) -> Int32? {
    guard !isReaped else { return nil }
    isReaped = true
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    var status: Int32?
    while status == nil, clock.now < deadline {
      status = reap(WNOHANG)
      if status == nil { usleep(1000) }
    }
    memory.look(at: process.pid)
    let started = ProcessTree.descendants(of: process.pid)
    kill(-process.pid, SIGKILL)
    if status == nil { kill(process.pid, SIGKILL) }
    for child in started { kill(child, SIGKILL) }
    if status == nil { _ = reap(0) }
    ProcessTree.endOrphans(markedWith: mark)
    return status
  }

  /// The status of the worker if it has ended.
  private func reap(_ options: Int32) -> Int32? {
    var status: Int32 = 0
    var reaped = waitpid(process.pid, &status, options)
    while reaped == -1, errno == EINTR { reaped = waitpid(process.pid, &status, options) }
    return reaped == process.pid ? status : nil
  }

  /// Notes how much memory the worker takes, and has taken.
  func lookAtMemory() { memory.look(at: process.pid) }

  /// The reason why no more messages come, with the last words.
  private func gone() -> WorkerTrouble {
    let status = end(waiting: 0.5)
    readWords()
    guard let status else {
      return .fellSilent("the worker closed its output and did not end" + lastWords.sentence)
    }
    let signal = status & 0x7F
    if signal == 0 {
      return .died(
        "the worker exited with status \((status >> 8) & 0xFF)" + lastWords.sentence)
    }
    if signal == SIGKILL { return .died("the worker was killed" + lastWords.sentence) }
    return .died(
      "the worker was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
        + lastWords.sentence)
  }

  /// Whether standard error has ended.
  private var areWordsOver = false

  /// Reads what standard error has, without waiting.
  private func readWords() {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    // What writes without an end must not keep the host here.
    for _ in 0..<64 where !areWordsOver {
      var watched = pollfd(fd: process.words, events: Int16(POLLIN), revents: 0)
      guard poll(&watched, 1, 0) > 0 else { return }
      let count = read(process.words, &buffer, buffer.count)
      guard count > 0 else {
        areWordsOver = count == 0
        return
      }
      lastWords.append(buffer[..<count])
    }
  }
}
