import AuditedOperations
import FloatFormats
import Oracle
import Synchronization

/// Exact values of lanes that several implementations are judged by, each made once.
///
/// What it holds never changes a result, only the time until it is there; so it may be full, or shared by threads.
public final class ReferenceCache: Sendable {
  private struct State {
    var references: [UInt64: [LaneReference]] = [:]
    var bytes = 0
  }

  private let state = Mutex(State())
  private let capacity: Int

  /// A cache of about so many bytes.
  public init(capacity: Int = 200_000_000) { self.capacity = capacity }

  /// The exact values of an operation on a lane, located in a format.
  func reference(
    of lane: [Double], _ operation: AuditedOperation, in format: FloatFormat,
    _ oracle: SoftmaxOracle
  ) -> LaneReference {
    // What is looked up is compared whole: a hash alone would be a guess.
    var hash: UInt64 =
      0xcbf2_9ce4_8422_2325
      ^ UInt64(format.bitWidth * 64 + format.precision)
      ^ UInt64(truncatingIfNeeded: operation.hashValue)
    for logit in lane {
      hash = (hash ^ logit.bitPattern) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    let known = state.withLock { $0.references[hash] } ?? []
    if let found = known.first(where: {
      $0.format == format && $0.operation == operation && $0.logits.holds(lane)
    }) {
      return found
    }
    let made = oracle.reference(of: OperationLane(operation, exactly: lane), in: format)
    // A place takes four bytes, a distinct logit what is known of it: long lanes of few levels cost little.
    let bytes =
      4 * lane.count + made.values.count * (16 + MemoryLayout<ExactValue>.stride)
    state.withLock { state in
      guard state.bytes + bytes <= capacity else { return }
      state.bytes += bytes
      state.references[hash, default: []].append(made)
    }
    return made
  }
}

extension DistinctLogits {
  /// Whether these are the logits of a lane, in its order.
  fileprivate func holds(_ lane: [Double]) -> Bool {
    guard lane.count == count else { return false }
    for (logit, slot) in zip(lane, slots) {
      let isHeld: Bool
      if slot >= 0 {
        isHeld = values[Int(slot)] == logit
      } else if slot == Self.masked {
        isHeld = logit == -.infinity
      } else {
        isHeld = logit.isNaN ? hasNaN : logit == .infinity
      }
      guard isHeld else { return false }
    }
    return true
  }
}
