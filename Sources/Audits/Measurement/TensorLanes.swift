import AuditedOperations
import FloatFormats

/// A tensor in memory whose lanes are read in its own format.
struct TensorLanes<Element: BinaryFloat>: LaneSource {
  let shape: [Int]
  let elements: [Element]

  var format: FloatFormat { Element.format }

  func lane<F: BinaryFloat>(_ number: Int, of geometry: LaneGeometry, as type: F.Type) -> [F] {
    let lane = geometry.places(ofLane: number).map { elements[$0] }
    return lane as? [F] ?? lane.map { F(rounding: $0.exactDouble) }
  }
}
