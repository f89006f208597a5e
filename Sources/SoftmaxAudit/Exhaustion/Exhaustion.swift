import FloatFormats
import SoftmaxOracle
import SoftmaxVariants
import Synchronization

/// Runs one implementation on every lane of a domain.
///
/// The domain is cut into blocks. A block is measured by one thread and depends on nothing else, and what is counted is put
/// together by exact integers, maxima and minima: neither the number of threads nor an interruption shows in the result.
public struct Exhaustion: Sendable {
  public let implementation: any SoftmaxImplementation
  public let domain: ExhaustiveDomain
  public let input: FloatFormat
  public let output: FloatFormat
  public var threads = 1
  /// Which of how many equal parts of the blocks are measured; nil for all.
  public var shard: Shard?
  /// The model that says whether a mismatch is declared.
  public var declaredModel: SoftmaxVariant?
  /// The lanes of a block; nil for the usual number.
  var blockLanes: UInt64?
  /// Whether every element goes to MPFR.
  var arbiterOnly = false

  /// - Parameter output: nil for the implementation's own.
  public init(
    _ implementation: any SoftmaxImplementation, on domain: ExhaustiveDomain,
    output: FloatFormat? = nil
  ) throws {
    guard let input = FloatFormat(rawValue: domain.format) else {
      throw UserError(.malformedInput, "there is no format \(domain.format)")
    }
    self.implementation = implementation
    self.domain = domain
    self.input = input
    self.output = output ?? implementation.defaultOutputFormat(for: input)
    declaredModel = implementation.declaredModel(for: input)
  }

  /// Nothing done yet.
  public var start: ExhaustiveState { ExhaustiveState(domain, blockLanes: blockLanes) }

  /// The blocks to be measured, ascending.
  private func pending(after state: ExhaustiveState) -> [Int] {
    let done = Set(state.done)
    return (0..<state.blocks).filter { block in
      !done.contains(block) && (shard?.contains(block) ?? true)
    }
  }

  /// How many blocks there are to measure, those done included.
  public func share(of state: ExhaustiveState) -> Int {
    (0..<state.blocks).count { shard?.contains($0) ?? true }
  }

  /// Measures the blocks that a state leaves.
  ///
  /// - Parameter progress: Called after each block, from any thread, with the state so far.
  /// - Throws: ``CallFailure`` where a call brought no answer.
  public func run(
    from state: ExhaustiveState,
    progress: @escaping @Sendable (ExhaustiveState) throws -> Void = { _ in }
  ) async throws -> ExhaustiveState {
    let blocks = pending(after: state)
    let shared = Shared(state: state, blocks: blocks)
    let exponential = DifferenceExponential()
    let intervals = output.bitWidth == 16 ? try RoundingIntervals(output, exponential) : nil
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, min(threads, blocks.count)) {
        group.addTask {
          try input.open(
            InputWork(
              plan: self, shared: shared, exponential: exponential, intervals: intervals,
              progress: progress))
        }
      }
      try await group.waitForAll()
    }
    return shared.state
  }

  /// Measures one block and gives its checksum, to see whether an implementation is still the same.
  public func checksum(ofBlock block: Int, in state: ExhaustiveState) throws -> String {
    try BlockAgain(plan: self, block: block, state: state).run()
  }

  /// What threads share.
  final class Shared: Sendable {
    private struct Content: Sendable {
      var state: ExhaustiveState
      var next = 0
    }
    private let content: Mutex<Content>
    private let blocks: [Int]

    init(state: ExhaustiveState, blocks: [Int]) {
      content = Mutex(Content(state: state))
      self.blocks = blocks
    }

    var state: ExhaustiveState { content.withLock { $0.state } }

    func takeBlock() -> Int? {
      content.withLock { content in
        guard content.next < blocks.count else { return nil }
        content.next += 1
        return blocks[content.next - 1]
      }
    }

    /// Makes all threads stop before their next block.
    func stop() { content.withLock { $0.next = blocks.count } }

    func add(_ block: Int, _ result: BlockResult) -> ExhaustiveState {
      content.withLock { content in
        content.state.add(block, result.checksum, result.tally, result.misconduct)
        return content.state
      }
    }
  }

  /// What came of one block.
  struct BlockResult: Sendable {
    var checksum: String
    var tally: ExhaustiveTally
    var misconduct: [String]
  }
}

/// One block again, for its checksum alone.
private struct BlockAgain: Sendable {
  let plan: Exhaustion
  let block: Int
  let state: ExhaustiveState

  func run() throws -> String { try plan.input.open(Input(again: self)) }

  private struct Input: FormatGenericWork {
    let again: BlockAgain
    func run<F: BinaryFloat>(_ format: F.Type) throws -> String {
      try again.plan.output.open(Output<F>(again: again))
    }
  }

  private struct Output<F: BinaryFloat>: FormatGenericWork {
    let again: BlockAgain
    func run<G: BinaryFloat>(_ format: G.Type) throws -> String {
      var worker = try BlockWorker<F, G>(
        again.plan, exponential: DifferenceExponential(), intervals: nil)
      return try worker.run(
        again.state.lanes(of: again.block, in: again.plan.domain), isMeasured: false
      ).checksum
    }
  }
}

/// Takes blocks as long as there are any, for a known input format.
private struct InputWork: FormatGenericWork {
  let plan: Exhaustion
  let shared: Exhaustion.Shared
  let exponential: DifferenceExponential
  let intervals: RoundingIntervals?
  let progress: @Sendable (ExhaustiveState) throws -> Void

  func run<F: BinaryFloat>(_ format: F.Type) throws {
    try plan.output.open(OutputWork<F>(work: self))
  }

  private struct OutputWork<F: BinaryFloat>: FormatGenericWork {
    let work: InputWork

    func run<G: BinaryFloat>(_ format: G.Type) throws {
      var worker = try BlockWorker<F, G>(
        work.plan, exponential: work.exponential, intervals: work.intervals)
      let layout = work.shared.state
      while let block = work.shared.takeBlock() {
        do {
          try Task.checkCancellation()
          let result = try worker.run(layout.lanes(of: block, in: work.plan.domain))
          try work.progress(work.shared.add(block, result))
        } catch {
          work.shared.stop()
          throw error
        }
      }
    }
  }
}

/// Measures blocks in ascending order; belongs to one thread.
struct BlockWorker<F: BinaryFloat, G: BinaryFloat> {
  /// The lanes of one call.
  private static var batch: Int { 1 << 14 }
  private let plan: Exhaustion
  private var writer: ExhaustiveDomain.Writer<F>
  private var measurement: TupleMeasurement<F, G>
  private var exact: [Double]

  init(
    _ plan: Exhaustion, exponential: DifferenceExponential, intervals: RoundingIntervals?
  ) throws {
    self.plan = plan
    writer = ExhaustiveDomain.Writer(plan.domain)
    measurement = TupleMeasurement(
      length: plan.domain.length, exponential: exponential, oracle: SoftmaxOracle(),
      intervals: intervals, arbiterOnly: plan.arbiterOnly)
    exact = Array(repeating: 0, count: Self.batch * plan.domain.length)
    if intervals != nil || plan.domain.lanes > UInt64(Self.batch) { try scout() }
  }

  /// Looks at lanes all over the domain, for the errors that have to be exceeded.
  private mutating func scout() throws {
    var seen = ExhaustiveTally()
    let count: UInt64 = 4096
    let step = max(1, plan.domain.lanes / count) | 1
    var number: UInt64 = 0
    while number < plan.domain.lanes {
      let one = try run(number..<number + 1).tally
      ExhaustiveTally.raise(&seen.maxUlp, one.maxUlp)
      ExhaustiveTally.raise(&seen.maxUlpSubnormal, one.maxUlpSubnormal)
      number += step
    }
    measurement.expect(atLeast: seen)
  }

  /// Runs the implementation on lanes and measures what comes out.
  mutating func run(
    _ lanes: Range<UInt64>, isMeasured: Bool = true
  ) throws -> Exhaustion.BlockResult {
    let length = plan.domain.length
    var checksum = OutputChecksum()
    var tally = ExhaustiveTally()
    var misconduct = Set<String>()
    var first = lanes.lowerBound
    while first < lanes.upperBound {
      let count = Int(min(UInt64(Self.batch), lanes.upperBound - first))
      let geometry = try LaneGeometry(shape: [count, length], axis: 1)
      let elements = [F](unsafeUninitializedCapacity: count * length) { logits, filled in
        exact.withUnsafeMutableBufferPointer { exact in
          writer.write(
            from: first, count: count, to: logits.baseAddress!, exactly: exact.baseAddress!)
        }
        filled = count * length
      }
      let answer = try plan.implementation.answer(
        to: Tensor(geometry: geometry, elements: elements), laidOut: .rowMajor, as: G.self)
      for seen in answer.misconduct { misconduct.insert(seen.explanation) }
      let outputs = answer.probabilities.elements
      guard outputs.count == elements.count else {
        throw CallFailure(.rubbish, "the output has \(outputs.count) elements")
      }
      outputs.withUnsafeBufferPointer { outputs in
        checksum.add(outputs.baseAddress!, count: outputs.count)
        guard isMeasured else { return }
        exact.withUnsafeBufferPointer { exact in
          measurement.measure(
            exact.baseAddress!, outputs.baseAddress!, lanes: count, from: first, into: &tally)
        }
      }
      first += UInt64(count)
    }
    if let place = tally.firstMismatch, try !isDeclared(place) { tally.undeclaredMismatch = place }
    return Exhaustion.BlockResult(
      checksum: checksum.text, tally: tally, misconduct: misconduct.sorted())
  }

  /// Whether a mismatch lies outside the domain of the declared bound.
  private mutating func isDeclared(_ place: ExhaustiveTally.Place) throws -> Bool {
    let promise = try LanePromise(
      of: plan.declaredModel, on: LaneProfile(writer.lane(place.lane)), input: F.format,
      output: G.format)
    if case .outsideDomain = promise { return true }
    return false
  }
}
