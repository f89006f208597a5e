import Synchronization

/// Pieces of work, numbered from 0, that several threads take one after another.
///
/// Pieces must not depend on each other. Which thread does which is chance; what comes of it must
/// not be.
package final class WorkQueue: Sendable {
  private let count: Int
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void
  private let endsWithRun: Bool
  private let taken = Atomic(0)
  private let done = Atomic(0)

  private init(
    count: Int, endsWithRun: Bool, progress: @escaping @Sendable (Int, Int) -> Void
  ) {
    self.count = count
    self.endsWithRun = endsWithRun
    self.progress = progress
  }

  /// Takes pieces as long as there are any, and does each.
  ///
  /// - Throws: What a piece throws, `CancellationError` where the work is no longer wanted, and
  ///   ``UserError`` of kind `notMeasured` where the time of the run is over and pieces do not look
  ///   at it themselves.
  package func forEach(_ work: (Int) throws -> Void) throws {
    while true {
      let piece = taken.add(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      try Task.checkCancellation()
      if endsWithRun, let objection = RunDeadline.objection {
        throw UserError(
          .notMeasured, "\(objection) after \(done.load(ordering: .relaxed)) of \(count) parts")
      }
      try work(piece)
      progress(done.add(1, ordering: .relaxed).newValue, count)
    }
  }

  /// Gives a queue of pieces to several threads.
  ///
  /// - Parameters:
  ///   - count: How many pieces there are.
  ///   - endsWithRun: Whether no piece begins after the time of the run; else pieces see to it
  ///     themselves.
  ///   - progress: Called after each piece, from any thread.
  ///   - body: Runs once on each thread, and keeps there what pieces share.
  /// - Returns: What the threads bring, in no order.
  package static func share<Part: Sendable>(
    _ count: Int, among threads: Int, endsWithRun: Bool = true,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    _ body: @escaping @Sendable (WorkQueue) throws -> Part
  ) async throws -> [Part] {
    let queue = WorkQueue(count: count, endsWithRun: endsWithRun, progress: progress)
    return try await withThrowingTaskGroup(of: Part.self) { group in
      for _ in 0..<max(1, min(threads, count)) { group.addTask { try body(queue) } }
      var parts: [Part] = []
      for try await part in group { parts.append(part) }
      return parts
    }
  }

  /// The results of pieces of work, in the order of the pieces.
  ///
  /// - Parameter makeWorker: Makes on each thread the function that does a piece, with what pieces
  ///   share.
  package static func results<Result: Sendable>(
    of count: Int, threads: Int, endsWithRun: Bool = true,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    _ makeWorker: @escaping @Sendable () -> (Int) throws -> Result
  ) async throws -> [Result] {
    let parts = try await share(
      count, among: threads, endsWithRun: endsWithRun, progress: progress
    ) { queue in
      let worker = makeWorker()
      var own: [(piece: Int, result: Result)] = []
      try queue.forEach { own.append(($0, try worker($0))) }
      return own
    }
    return parts.joined().sorted { $0.piece < $1.piece }.map(\.result)
  }
}
