/// The places of the inputs of a call in the memory that host and worker share: one behind the
/// other, each at a multiple of 64, the first at 0.
struct OperandPlaces: Equatable {
  /// The beginning of the second input; `nil` where there is none.
  var second: Int?
  /// The parameters of a loss.
  var loss: Loss?
  /// The modifiers of the logits of an operation that has no other input.
  var modifiers: Modifiers?

  /// Modifiers, with the places of mask and sinks in their stead; 0 where there are none.
  struct Modifiers: Equatable {
    /// With an empty mask and empty sinks where there are some.
    var bytes: ModifierBytes
    var mask, sink: Int

    /// The size in a message: it tells modifiers from a second input.
    static let size = 48
  }

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
    if var bytes = accompanying.modifiers {
      let mask = bytes.mask.map { take($0.count) } ?? 0
      let sink = bytes.sink.map { take($0.count) } ?? 0
      if bytes.mask != nil { bytes.mask = [] }
      if bytes.sink != nil { bytes.sink = [] }
      places.modifiers = Modifiers(bytes: bytes, mask: mask, sink: sink)
      return (places, end)
    }
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
    if let modifiers {
      content.put(modifiers.bytes.scale.bitPattern)
      content.put(modifiers.bytes.softcap.bitPattern)
      content.put(modifiers.bytes.causal)
      content.put(UInt32(0))
      content.put(modifiers.bytes.queries)
      content.put(UInt64(modifiers.mask))
      content.put(UInt64(modifiers.sink))
      return
    }
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
    if reader.remaining.count == Modifiers.size {
      guard let scale = reader.take(UInt64.self), let softcap = reader.take(UInt64.self),
        let causal = reader.take(Int32.self), reader.take(UInt32.self) == 0,
        let queries = reader.take(UInt64.self), let mask = reader.take(UInt64.self),
        let sink = reader.take(UInt64.self)
      else { return nil }
      modifiers = Modifiers(
        bytes: ModifierBytes(
          scale: Double(bitPattern: scale), softcap: Double(bitPattern: softcap), causal: causal,
          queries: queries, mask: mask == 0 ? nil : [], sink: sink == 0 ? nil : []),
        mask: Int(clamping: mask), sink: Int(clamping: sink))
      return
    }
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
