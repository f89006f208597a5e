import AuditedOperations
import FloatFormats
import Testing

@testable import Oracle

/// Facts that algebra and IEEE 754 tell about modified logits.
@Suite("Modified logits")
struct ModifiedLogitsTests {
  private func lane(
    _ operation: AuditedOperation, _ elements: [Double], _ modifiers: LaneModifiers
  ) -> OperationLane {
    OperationLane(operation, ModifiedLogits(elements, modifiers))
  }

  private func lane(_ elements: [Double], _ modifiers: LaneModifiers) -> OperationLane {
    lane(.softmax, elements, modifiers)
  }

  private func values(_ lane: OperationLane) -> [Double] {
    let reference = SoftmaxOracle().reference(of: lane, in: .float64)
    return (0..<reference.count).map { reference.value(at: $0).correctlyRounded(Double.self) }
  }

  @Test("A scale by a power of two, a mask of zeros and a sink of -inf give what plain logits give")
  func plainWays() {
    let elements = [0x1.8p+2, -0x1.4p+1, 0x1p-3, -.infinity, 0x1.8p+2]
    for operation: AuditedOperation in [.softmax, .logSoftmax, .logSumExp] {
      let plain = values(OperationLane(operation, exactly: elements.map { $0 * 0.25 }))
      let modified = lane(
        operation, elements,
        LaneModifiers(scale: 0.25, mask: [0, 0, -0.0, 0, 0], sink: -.infinity))
      #expect(values(modified) == plain)
    }
  }

  @Test("A sink is one more logit whose output is left out")
  func sinkIsALogit() {
    let elements = [1.0, 2.0, -3.0]
    let plain = values(OperationLane(.softmax, exactly: elements + [1.5]))
    #expect(values(lane(elements, LaneModifiers(sink: 1.5))) == Array(plain.dropLast()))
    #expect(
      values(lane(.logSumExp, elements, LaneModifiers(sink: 1.5)))
        == values(OperationLane(.logSumExp, exactly: elements + [1.5])))
  }

  @Test("Infinite logits under a cap are the cap, and a scale of 0 makes them NaN")
  func infinities() {
    let capped = lane([.infinity, -.infinity, 0], LaneModifiers(softcap: 2))
    #expect(capped.lackOfValue == nil)
    #expect(values(capped) == values(OperationLane(.softmax, exactly: [2, -2, 0])))
    #expect(lane([.infinity, 1], LaneModifiers(scale: 0)).lackOfValue == .holdsNaN)
    #expect(lane([-.infinity, 1], LaneModifiers(scale: -1)).lackOfValue == .holdsInfinity)
    #expect(lane([1, .infinity], LaneModifiers(mask: [0, -.infinity])).lackOfValue == .holdsNaN)
    #expect(lane([1, 2], LaneModifiers(mask: [0, .infinity])).lackOfValue == .holdsInfinity)
    #expect(lane([1, 2], LaneModifiers(sink: .nan)).lackOfValue == .holdsNaN)
    #expect(lane([1, 2], LaneModifiers(sink: .infinity)).lackOfValue == .holdsInfinity)
  }

  @Test("Where all is masked a sink leaves zeros, and its absence nothing")
  func allMasked() {
    let mask = [-Double.infinity, -.infinity]
    #expect(lane([1, 2], LaneModifiers(mask: mask)).lackOfValue == .fullyMasked)
    #expect(
      lane([1, 2], LaneModifiers(mask: mask, sink: -.infinity)).lackOfValue == .fullyMasked)
    #expect(values(lane([1, 2], LaneModifiers(mask: mask, sink: 3))) == [0, 0])
    #expect(values(lane(.logSoftmax, [1, 2], LaneModifiers(mask: mask, sink: 3))) == mask)
    #expect(values(lane(.logSumExp, [1, 2], LaneModifiers(mask: mask, sink: 3))) == [3])
    #expect(values(lane(.logSumExp, [1, 2], LaneModifiers(mask: mask))) == [-Double.infinity])
  }

  @Test("Equal numbers are told as equal whatever they are made of")
  func equalNumbers() {
    // 0.1 x 3 + 0 and 0.1 x 1 + what is left, exactly; and three equal capped ones.
    #expect(
      lane([2, 1, 4], LaneModifiers(scale: 0.5, mask: [1, 1.5, 0])).constantCount == 3)
    #expect(lane([7, 7, 7], LaneModifiers(softcap: 3, sink: nil)).constantCount == 3)
    #expect(lane([0, -0.0, 0], LaneModifiers(softcap: 3, sink: 0)).constantCount == 4)
    #expect(lane([7, 7], LaneModifiers(softcap: 3, mask: [0, 1])).constantCount == nil)
    #expect(lane([5, -80], LaneModifiers(scale: 0)).constantCount == 2)
    let third = 1.0 / 3
    #expect(values(lane([5, -80, 3], LaneModifiers(scale: 0))) == [third, third, third])
  }

  @Test("Numbers that binary64 rounds together are told apart")
  func closeNumbers() {
    // fl(0.1) x 3 is fl(0.1) + fl(0.2), and not the number that binary64 rounds it to.
    let modified = ModifiedLogits(
      [3, 1, 0], LaneModifiers(scale: 0.1, mask: [0, 0.2, 0.1 * 3]))
    #expect(modified.terms.count == 2)
    #expect(modified.slots[0] == modified.slots[1] && modified.slots[0] != modified.slots[2])
    // The cap leaves 2^-75 between the two, which binary64 does not hold.
    let capped = lane([30, 29], LaneModifiers(softcap: 1))
    #expect(capped.constantCount == nil)
    let reference = SoftmaxOracle().reference(of: capped, in: .float64)
    #expect(reference.value(at: 0).correctlyRounded(Double.self) == 0.5)
    #expect(reference.value(at: 0) != reference.value(at: 1))
    // And here e^(-180000), which the precision cap does not hold either: the side is open, not
    // the rounding.
    let far = SoftmaxOracle().reference(
      of: lane([100_000, 90_000], LaneModifiers(softcap: 1)), in: .float64)
    #expect(far.value(at: 0).correctlyRounded(Double.self) == 0.5)
  }

  @Test("Numbers of one capped argument differ by their addends, exactly")
  func equalArguments() {
    let pair = lane(.logSoftmax, [7, 7], LaneModifiers(softcap: 3, mask: [0, -1e9]))
    let oracle = SoftmaxOracle()
    let reference = oracle.reference(of: pair, in: .float64)
    #expect(reference.value(at: 1).correctlyRounded(Double.self) == -1e9)
    let distance = oracle.distance(
      from: -1e9, slot: reference.slot(at: 1), of: pair, relativeBits: 40)
    guard let distance else {
      Issue.record("the distance is undecided")
      return
    }
    let isTold = !distance.isBeyondFigures
    #expect(!isTold)
  }

  @Test("A product beyond binary64 is a number all the same")
  func largeProducts() {
    let reference = SoftmaxOracle().reference(
      of: lane([1e300, -1e300], LaneModifiers(scale: 1e300)), in: .float64)
    #expect(reference.special == nil)
    #expect(reference.value(at: 0).correctlyRounded(Double.self) == 1)
    #expect(reference.value(at: 1).correctlyRounded(Double.self) == 0)
  }

  @Test("Causal masks see keys by their alignment")
  func alignments() throws {
    let square = CausalAlignment.bottomRight
    #expect((0..<3).map { square.seenKeys(of: $0, queries: 3, keys: 3) } == [1, 2, 3])
    #expect((0..<2).map { square.seenKeys(of: $0, queries: 2, keys: 4) } == [3, 4])
    #expect((0..<4).map { square.seenKeys(of: $0, queries: 4, keys: 2) } == [0, 0, 1, 2])
    let corner = CausalAlignment.topLeft
    #expect((0..<2).map { corner.seenKeys(of: $0, queries: 2, keys: 4) } == [1, 2])
    #expect((0..<4).map { corner.seenKeys(of: $0, queries: 4, keys: 2) } == [1, 2, 2, 2])
    let geometry = try LaneGeometry(shape: [2, 2, 3], axis: -1)
    let lanes = (0..<4).map { LogitModifiers(causal: .topLeft).lane($0, of: geometry).mask }
    let hidden = -Double.infinity
    let first: [Double] = [0, hidden, hidden]
    let second: [Double] = [0, 0, hidden]
    #expect(lanes == [first, second, first, second])
  }
}
