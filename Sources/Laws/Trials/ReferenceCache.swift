import AuditedOperations
import Basics
import FloatFormats
import Oracle
import Synchronization

/// Exact values of lanes that several implementations are judged by, each made once.
///
/// What it holds never changes a result, only the time until it is there; so it may be full, or
/// shared by threads.
package final class ReferenceCache: Sendable {
  private struct Known {
    var reference: LaneReference
    var rule: Rule?
  }

  /// The rule that the inputs beside the first depend on.
  private struct Rule: Hashable {
    var accompanying: AccompanyingInputs
    var format: FloatFormat
  }

  private struct State {
    var references: [UInt64: [Known]] = [:]
    var bytes = 0
  }

  private let state = Mutex(State())
  private let capacity: Int

  /// A cache of about so many bytes.
  package init(capacity: Int = 200_000_000) { self.capacity = capacity }

  /// The exact values of an operation on a lane, located in a format.
  ///
  /// - Parameters:
  ///   - accompanying: The rule for the inputs beside the first.
  ///   - input: The format of the inputs.
  func reference(
    of lane: [Double], _ operation: AuditedOperation,
    accompanied accompanying: AccompanyingInputs = AccompanyingInputs(),
    from input: FloatFormat, in format: FloatFormat, _ oracle: SoftmaxOracle
  ) -> LaneReference {
    let rule =
      operation.hasAccompanyingInputs || accompanying.modifiers != nil
      ? Rule(accompanying: accompanying, format: input) : nil
    // What is looked up is compared whole: a hash alone would be a guess.
    var words = WordHash(
      salt: UInt64(format.bitWidth * 64 + format.precision)
        ^ UInt64(truncatingIfNeeded: operation.hashValue)
        ^ UInt64(truncatingIfNeeded: rule.hashValue))
    for logit in lane { words.add(logit.bitPattern) }
    let hash = words.value
    let known = state.withLock { $0.references[hash] } ?? []
    if let found = known.first(where: {
      $0.reference.format == format && $0.reference.operation == operation && $0.rule == rule
        && $0.reference.inputs.holds(lane)
    }) {
      return found.reference
    }
    let made = oracle.reference(
      of: OperationLane(operation, exactly: lane, accompanied: accompanying, in: input),
      in: format)
    // A place takes four bytes, a distinct logit what is known of it: long lanes of few levels cost
    // little.
    let bytes =
      4 * lane.count + made.values.count * (16 + MemoryLayout<ExactValue>.stride)
    state.withLock { state in
      guard state.bytes + bytes <= capacity else { return }
      state.bytes += bytes
      state.references[hash, default: []].append(Known(reference: made, rule: rule))
    }
    return made
  }
}

extension OperationLane {
  /// Whether a lane is the first input, in its order.
  fileprivate func holds(_ lane: [Double]) -> Bool {
    if let modified { return modified.elements.hasSameBits(as: lane) }
    return operation.inputs.first == .probabilities
      ? probabilities.hasSameBits(as: lane) : logits.holds(lane)
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
