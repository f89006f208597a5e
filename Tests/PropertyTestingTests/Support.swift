import PropertyTesting
import Synchronization

/// The seeds with which each randomized test is repeated.
let seeds: [UInt64] = [1, 2, 3, 4, 5]

/// The simplest failure of a property, without the hunt for the worst; nil where it passed.
func minimal<Value>(_ property: Property<Value>, seed: UInt64, cases: Int = 1000) -> Value? {
  report(property, seed: seed, cases: cases).simplest?.value
}

/// The report of a run that stops at the first failure and shrinks it, from random cases alone.
func report<Value>(
  _ property: Property<Value>, seed: UInt64, cases: Int = 1000
) -> RunReport<Value> {
  var configuration = RunConfiguration(seed: seed, cases: cases)
  configuration.phases = [.random, .shrink]
  configuration.searchesForWorst = false
  configuration.suppressed = [.tooManyDiscards]
  return PropertyRunner(configuration).check(property)
}

/// A store that remembers what it was told, in order.
final class RecordingStore<Value: Sendable>: FailureStore {
  struct Entry: Sendable {
    let property: String
    let stage: FailureStage
    let witness: Witness<Value>
  }

  private let stored: [StoredCase<Value>]
  private let log = Mutex<[Entry]>([])

  init(_ stored: [StoredCase<Value>] = []) { self.stored = stored }

  var entries: [Entry] { log.withLock { $0 } }

  func cases(of property: String) -> [StoredCase<Value>] { stored }

  func record(_ witness: Witness<Value>, of property: String, stage: FailureStage) {
    log.withLock { $0.append(Entry(property: property, stage: stage, witness: witness)) }
  }
}
