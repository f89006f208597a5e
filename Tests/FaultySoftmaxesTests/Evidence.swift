import FloatFormats
import Oracle
import SoftmaxVariants
import TestSupport

@testable import AuditedOperations
@testable import ErrorMeasurement
@testable import FaultySoftmaxes
@testable import Laws
@testable import LogitFamilies

/// A tensor in numbers that every format rounds for itself.
struct Input: Sendable {
  var shape: [Int]
  var axis: Int
  var logits: [Double]

  init(_ logits: [Double], _ shape: [Int]? = nil, axis: Int = -1) {
    self.shape = shape ?? [logits.count]
    self.axis = axis
    self.logits = logits
  }

  func tensor<F: BinaryFloat>(_ format: F.Type) throws -> Tensor<F> {
    Tensor(
      geometry: try LaneGeometry(shape: shape, axis: axis),
      elements: logits.map { F(rounding: $0) })
  }
}

/// An input on which a fault shows, and what it shows against.
struct Evidence: Sendable {
  enum Check: Sendable {
    /// An output is outside the tolerance of an implementation that declares nothing.
    case tolerance
    /// An output is outside the declared bound.
    case declaredBound
    /// A lane of one does not give 1.
    case single
    /// A lane of n equal logits does not give fl(1/n).
    case uniform
    /// Equal logits have unequal outputs.
    case equal
    /// A larger logit has a smaller output.
    case monotone
    /// The mean signed error exceeds a quarter of an ulp.
    case bias
    /// The same input gives other bits after other calls.
    case history
    /// The same input gives other bits after it was called in the other formats first.
    case afterOtherFormats
    /// The last input gives other bits after the ones before it.
    case afterOtherCalls
    /// The same input gives other bits in one of 6000 calls.
    case manyCalls
    /// Inputs that are shifted, permuted or masked forms of each other give other bits.
    case sameShares
    /// A lane gives other bits alone than in its batch.
    case alone
    /// A tensor gives other bits in another layout, or fails.
    case layout(TensorLayout)
    case misconduct(Misconduct.Kind)
    case failure(CallFailure.Kind)
  }

  let check: Check
  let inputs: @Sendable (FloatFormat) -> [Input]

  init(_ check: Check = .tolerance, _ inputs: @escaping @Sendable (FloatFormat) -> [Input]) {
    self.check = check
    self.inputs = inputs
  }

  init(_ check: Check = .tolerance, _ input: Input) {
    self.init(check) { _ in [input] }
  }

  init(_ check: Check = .tolerance, _ logits: Double...) { self.init(check, Input(logits)) }

  /// What shows in a format; nil where nothing does.
  func finding(
    in format: FloatFormat, of implementation: any SoftmaxImplementation
  ) throws -> String? {
    try format.open(Examination(evidence: self, implementation: implementation))
  }

  private struct Examination: FormatGenericWork {
    let evidence: Evidence
    let implementation: any SoftmaxImplementation

    func run<F: BinaryFloat>(_ format: F.Type) throws -> String? {
      let tensors = try evidence.inputs(F.format).map { try $0.tensor(format) }
      return try evidence.examine(implementation, tensors)
    }
  }

  private struct BoundOfLane: FormatGenericWork {
    let model: SoftmaxVariant
    let profile: LaneProfile
    let output: FloatFormat

    func run<C: BinaryFloat>(_ computing: C.Type) -> [Double]? {
      model.bound(on: profile, computingIn: computing, output: output)
    }
  }

  /// A call in another format.
  private struct OtherCall: FormatGenericWork {
    let geometry: LaneGeometry
    let elements: [Double]
    let implementation: any SoftmaxImplementation

    init(geometry: LaneGeometry, elements: [Double], _ implementation: any SoftmaxImplementation) {
      self.geometry = geometry
      self.elements = elements
      self.implementation = implementation
    }

    func run<F: BinaryFloat>(_ format: F.Type) throws {
      _ = try implementation.softmax(
        Tensor(geometry: geometry, elements: elements.map { F(rounding: $0) }), as: F.self)
    }
  }

  private func examine<F: BinaryFloat>(
    _ implementation: some SoftmaxImplementation, _ tensors: [Tensor<F>]
  ) throws -> String? {
    func answer(_ tensor: Tensor<F>) throws -> Tensor<F> {
      try implementation.renewed().softmax(tensor, as: F.self)
    }
    func differs(_ a: Tensor<F>, _ b: Tensor<F>) -> Bool {
      zip(a.elements, b.elements).contains { $0.bitPattern != $1.bitPattern }
    }
    let oracle = SoftmaxOracle()
    switch check {
    case .tolerance:
      for tensor in tensors {
        let result = try answer(tensor)
        for lane in 0..<tensor.geometry.laneCount {
          if let found = try deviation(
            of: result.lane(lane), on: tensor.lane(lane), implementation, oracle)
          {
            return found
          }
        }
      }
      return nil

    case .declaredBound:
      guard let model = implementation.ownModel(for: F.format)?.variant else { return nil }
      for tensor in tensors {
        let result = try answer(tensor)
        for lane in 0..<tensor.geometry.laneCount {
          let logits = tensor.lane(lane)
          guard let profile = LaneProfile(logits) else { continue }
          let work = BoundOfLane(model: model, profile: profile, output: F.format)
          guard let bound = try model.computingFormat(for: F.format).open(work) else { continue }
          let reference = oracle.softmax(of: logits, in: F.format)
          for (index, y) in result.lane(lane).enumerated() {
            let exact = reference.value(at: index)
            if exact.isZero {
              if !y.isZero { return "\(y.hexText) for a masked logit at \(index)" }
              continue
            }
            let limit = bound[index].scaled(byPowerOfTwo: -Int(exact.quantumExponent))
            let error = UlpError(of: y, against: exact).magnitude
            if error > limit { return "\(error) ulp where \(limit) are allowed, at \(index)" }
          }
        }
      }
      return nil

    case .single:
      return try tensors.map(answer).first { $0.elements != [F.one] }.map { "\($0.elements)" }

    case .uniform:
      return try tensors.map(answer).first { tensor in
        tensor.elements.contains { $0 != F(rounding: 1 / Double(tensor.elements.count)) }
      }.map { "n = \($0.elements.count): \($0.elements[0].hexText)" }

    case .equal, .monotone:
      for tensor in tensors {
        let pairs = zip(tensor.elements, try answer(tensor).elements).sorted {
          ($0.0, $0.1) < ($1.0, $1.1)
        }
        for (a, b) in zip(pairs, pairs.dropFirst()) {
          if case .monotone = check, a.0 < b.0, a.1 > b.1 { return "\(a) and \(b)" }
          if case .equal = check, a.0 == b.0, a.1 != b.1 { return "\(a) and \(b)" }
        }
      }
      return nil

    case .bias:
      var sum = 0.0
      var count = 0.0
      for tensor in tensors {
        let reference = oracle.softmax(of: tensor.elements, in: F.format)
        for (index, y) in try answer(tensor).elements.enumerated() {
          let error = UlpError(of: y, against: reference.value(at: index))
          sum += error.isNegative ? -error.magnitude : error.magnitude
          count += 1
        }
      }
      return abs(sum / count) > 0.25 ? "mean signed error \(sum / count) ulp" : nil

    case .sameShares:
      let shares = try tensors.map {
        try answer($0).elements.map(\.bitPattern).filter { $0 != 0 }.sorted()
      }
      return shares.contains { $0 != shares[0] } ? "other shares" : nil

    case .history:
      let alone = try tensors.map(answer)
      let used = try implementation.renewed()
      for round in 0..<16 {
        for (tensor, expected) in zip(tensors, alone) {
          if differs(try used.softmax(tensor, as: F.self), expected) { return "round \(round)" }
        }
      }
      return nil

    case .afterOtherFormats:
      let used = try implementation.renewed()
      for tensor in tensors {
        for format in implementation.formats where format != F.format {
          try format.open(
            OtherCall(geometry: tensor.geometry, elements: tensor.elements.map(\.exactDouble), used)
          )
        }
        if differs(try used.softmax(tensor, as: F.self), try answer(tensor)) { return "other bits" }
      }
      return nil

    case .afterOtherCalls:
      let used = try implementation.renewed()
      for tensor in tensors.dropLast() { _ = try used.softmax(tensor, as: F.self) }
      guard let last = tensors.last else { return nil }
      return differs(try used.softmax(last, as: F.self), try answer(last)) ? "other bits" : nil

    case .manyCalls:
      let used = try implementation.renewed()
      for tensor in tensors {
        let expected = try answer(tensor)
        for call in 0..<6000 where differs(try used.softmax(tensor, as: F.self), expected) {
          return "call \(call)"
        }
      }
      return nil

    case .alone:
      for tensor in tensors {
        let batch = try answer(tensor)
        for lane in 0..<tensor.geometry.laneCount {
          let logits = tensor.lane(lane)
          let single = try answer(
            Tensor(
              geometry: try LaneGeometry(shape: [logits.count], axis: 0), elements: logits))
          if single.elements.map(\.bitPattern) != batch.lane(lane).map(\.bitPattern) {
            return "lane \(lane)"
          }
        }
      }
      return nil

    case .layout(let layout):
      for tensor in tensors {
        do {
          let result = try implementation.renewed().answer(
            to: tensor, laidOut: layout, as: F.self)
          if differs(result.probabilities, try answer(tensor)) { return "other bits" }
        } catch let failure as CallFailure {
          return failure.explanation
        }
      }
      return nil

    case .misconduct(let kind):
      for tensor in tensors {
        let result = try implementation.answer(to: tensor, laidOut: .rowMajor, as: F.self)
        if let found = result.misconduct.first(where: { $0.kind == kind }) {
          return found.explanation
        }
      }
      return nil

    case .failure(let kind):
      for tensor in tensors {
        do {
          _ = try answer(tensor)
        } catch let failure as CallFailure where failure.kind == kind {
          return failure.explanation
        }
      }
      return nil
    }
  }
}

/// Seeded logits, in steps of 1/64 between -3 and 3.
func scattered(_ count: Int, seed: UInt64) -> [Double] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { _ in Double(Int.random(in: -192...192, using: &random)) / 64 }
}

/// Logits of which neighbours differ, and lanes whose length is no multiple of 11.
func ramp(_ count: Int) -> [Double] { (0..<count).map { Double($0 * 7 % 11) / 2 } }

/// n zeros, some of them replaced.
func zeros(_ count: Int, _ changes: [Int: Double] = [:]) -> [Double] {
  (0..<count).map { changes[$0] ?? 0 }
}

/// n zeros, a range of them masked.
func zeros(_ count: Int, masking range: Range<Int>) -> [Double] {
  (0..<count).map { range.contains($0) ? -.infinity : 0 }
}

extension [Double] {
  /// The same logits in another order.
  func shuffled(seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return shuffled(using: &random)
  }
}
