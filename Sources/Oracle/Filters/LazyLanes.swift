/// Lanes that are made when somebody asks for them, and kept.
///
/// Belongs to one thread at a time.
package final class LazyLanes<Lane> {
  private var made: [Lane?]
  private let make: (Int) -> Lane

  /// - Parameter make: Makes the lane of a number.
  package init(count: Int, _ make: @escaping (Int) -> Lane) {
    made = Array(repeating: nil, count: count)
    self.make = make
  }

  /// Lanes that are made already.
  package convenience init(_ lanes: [Lane]) { self.init(count: lanes.count) { lanes[$0] } }
}

extension LazyLanes: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { made.count }

  package subscript(lane: Int) -> Lane {
    if let lane = made[lane] { return lane }
    let new = make(lane)
    made[lane] = new
    return new
  }
}
