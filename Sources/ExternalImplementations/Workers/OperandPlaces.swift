/// The places of the inputs of a call in the memory that host and worker share: one behind the
/// other, each at a multiple of 64, the first at 0.
struct OperandPlaces: Equatable {
  /// The beginning of the second input; `nil` where there is none.
  var second: Int?
  /// The parameters of a loss.
  var loss: Loss?

  struct Loss: Equatable {
    var labelSmoothing: Double
    var ignoreIndex: Int64
    /// The beginning of the weights of the classes; `nil` where there are none.
    var classWeights: Int?
  }

  /// The places for inputs.
  ///
  /// - Parameter firstSize: The number of bytes of the first input.
  /// - Returns: The places, and where all inputs end.
  static func laidOut(
    firstSize: Int, _ accompanying: AccompanyingBytes?
  ) -> (places: OperandPlaces, end: Int) {
    var end = firstSize
    func take(_ size: Int) -> Int {
      let start = (end + 63) / 64 * 64
      end = start + size
      return start
    }
    var places = OperandPlaces()
    guard let accompanying else { return (places, end) }
    places.second = take(accompanying.second.count)
    places.loss = accompanying.loss.map { loss in
      Loss(
        labelSmoothing: loss.labelSmoothing, ignoreIndex: loss.ignoreIndex,
        classWeights: loss.classWeights.map { take($0.count) })
    }
    return (places, end)
  }

  /// The places as they stand at the end of a message.
  func put(into content: inout MessageContent) {
    guard let second else { return }
    content.put(UInt64(second))
    guard let loss else { return }
    content.put(loss.labelSmoothing.bitPattern)
    content.put(loss.ignoreIndex)
    content.put(UInt64(loss.classWeights ?? 0))
  }

  /// The places at the end of a message; `nil` where they are cut short.
  init?(_ reader: inout MessageReader) {
    self.init()
    if reader.remaining.isEmpty { return }
    guard let second = reader.take(UInt64.self) else { return nil }
    self.second = Int(clamping: second)
    if reader.remaining.isEmpty { return }
    guard let smoothing = reader.take(UInt64.self), let ignored = reader.take(Int64.self),
      let weights = reader.take(UInt64.self)
    else { return nil }
    loss = Loss(
      labelSmoothing: Double(bitPattern: smoothing), ignoreIndex: ignored,
      classWeights: weights == 0 ? nil : Int(clamping: weights))
  }

  init() {}
}
