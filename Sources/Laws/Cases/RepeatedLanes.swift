import AuditedOperations
import Basics

/// The lanes of a case that were judged and found right, so that their repetitions need not be.
///
/// Tensors of many lanes have few different ones. The same outputs for the same logits are right
/// again; they are compared where they lie, bit by bit.
struct RepeatedLanes {
  private let geometry: LaneGeometry
  private let outputGeometry: LaneGeometry
  private let logits: [Double]
  private let outputs: [Double]
  /// The numbers of lanes found right, by a hash of their logits.
  private var right: [UInt64: [Int]] = [:]
  /// The hash of the lane that was looked for last.
  private var latest: (lane: Int, hash: UInt64)?

  init(_ input: LawCase, _ outputs: [Double], _ outputGeometry: LaneGeometry) {
    geometry = input.geometry
    self.outputGeometry = outputGeometry
    logits = input.logits
    self.outputs = outputs
  }

  /// Whether a lane repeats one that was found right.
  mutating func holds(_ lane: Int) -> Bool {
    guard geometry.laneCount > 1 else { return false }
    let hash = hash(of: lane)
    latest = (lane, hash)
    guard let candidates = right[hash] else { return false }
    return candidates.contains {
      isEqual($0, lane, in: logits, geometry) && isEqual($0, lane, in: outputs, outputGeometry)
    }
  }

  /// Notes that a lane was found right.
  mutating func add(_ lane: Int) {
    guard geometry.laneCount > 1 else { return }
    let hash = latest?.lane == lane ? latest?.hash ?? hash(of: lane) : hash(of: lane)
    right[hash, default: []].append(lane)
  }

  private func hash(of lane: Int) -> UInt64 {
    var hash = WordHash()
    let start = geometry.start(ofLane: lane)
    logits.withUnsafeBufferPointer { logits in
      for index in 0..<geometry.length {
        hash.add(logits[start + index * geometry.inner].bitPattern)
      }
    }
    return hash.value
  }

  private func isEqual(
    _ first: Int, _ second: Int, in elements: [Double], _ geometry: LaneGeometry
  ) -> Bool {
    let (a, b) = (geometry.start(ofLane: first), geometry.start(ofLane: second))
    return elements.withUnsafeBufferPointer { elements in
      for index in 0..<geometry.length {
        let step = index * geometry.inner
        if elements[a + step].bitPattern != elements[b + step].bitPattern { return false }
      }
      return true
    }
  }
}
