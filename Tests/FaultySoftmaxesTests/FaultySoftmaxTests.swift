import FloatFormats
import Oracle
import SoftmaxVariants
import Testing

@testable import AuditedOperations
@testable import Basics
@testable import FaultySoftmaxes
@testable import Laws

@Suite("Faulty softmaxes")
struct FaultySoftmaxTests {
  @Test("Names are unique, in words joined by hyphens, and each has a summary and a format")
  func names() {
    let all = FaultySoftmax.all
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map { "\($0.operation): \($0.summary)" }).count == all.count)
    for fault in all {
      #expect(fault.name.allSatisfy { $0.isLowercase || $0.isNumber || "-^.".contains($0) })
      #expect(!fault.summary.isEmpty && !fault.summary.hasSuffix("."))
      #expect(!fault.formats.isEmpty && fault.layouts.contains(.rowMajor), "\(fault.name)")
    }
    #expect(all.count >= 100)
  }

  @Test("Every class of bugs has two faults at least", arguments: BugClass.allCases)
  func classes(bugClass: BugClass) {
    #expect(FaultySoftmax.all.count { $0.bugClass == bugClass } >= 2)
    #expect(bugClass.code.count == 2 && !bugClass.summary.isEmpty)
    #expect(bugClass.references.allSatisfy { $0.contains("/") && $0.contains("#") })
  }

  @Test("Every fault has its evidence, and all evidence its fault")
  func evidenceIsComplete() {
    #expect(Set(FaultySoftmax.all(of: .softmax).map(\.name)) == Set(Evidence.table.keys))
  }

  /// The same promises and policies, kept by a sound recipe.
  private func counterpart(of fault: FaultySoftmax) -> FaultySoftmax {
    func make(_ recipe: some SoftmaxRecipe) -> FaultySoftmax {
      FaultySoftmax(
        fault.name, fault.summary, fault.bugClass, formats: fault.formats,
        declares: fault.declaredModel(for: .float32), promises: fault.promisedLaws,
        specialLanes: fault.specialLanes, layouts: fault.layouts, recipe)
    }
    if let variant = fault.ownModel(for: .float32)?.variant {
      return make(VariantRecipe(variant: variant))
    }
    if !fault.promisedLaws.isEmpty { return make(SortedSum()) }
    return make(SpecialLaneRecipe(policy: fault.specialLanes))
  }

  @Test(
    "Every fault shows on its input in every format, where a sound softmax shows nothing",
    arguments: FaultySoftmax.all(of: .softmax).map(\.name))
  func faultsShow(name: String) throws {
    let fault = try #require(FaultySoftmax.all.first { $0.name == name })
    let evidence = try #require(Evidence.table[name])
    let sound = counterpart(of: fault)
    for format in fault.formats {
      #expect(
        try evidence.finding(in: format, of: fault) != nil, "does not show in \(format.rawValue)")
      let falseAlarm = try evidence.finding(in: format, of: sound)
      #expect(falseAlarm == nil, "the sound one shows it in \(format.rawValue)")
    }
  }

  @Test("Most faults are quiet on an ordinary lane: they are mistakes, not noise")
  func faultsAreQuietElsewhere() throws {
    let oracle = SoftmaxOracle()
    let geometry = try LaneGeometry(shape: [2, 4], axis: 1)
    let logits = Tensor<Float>(
      geometry: geometry, elements: [0.25, 1, -1.75, 0.5, -0.5, 1.125, 0.375, -2.25])
    var quiet = 0
    var judged = 0
    for fault in FaultySoftmax.all(of: .softmax) where fault.formats.contains(.float32) {
      judged += 1
      let result = try fault.renewed().softmax(logits, as: Float.self)
      let deviates = try (0..<2).contains { lane in
        try deviation(of: result.lane(lane), on: logits.lane(lane), fault, oracle) != nil
      }
      if !deviates { quiet += 1 }
    }
    #expect(2 * quiet > judged, "\(quiet) of \(judged)")
  }

  @Test("A renewed fault remembers nothing, and the old one goes on")
  func renewal() throws {
    let fault = try #require(
      FaultySoftmax.all.first { $0.name == "partial-sum-lost-in-fifth-call" })
    func share(_ implementation: any SoftmaxImplementation) throws -> Float {
      let geometry = try LaneGeometry(shape: [64], axis: 0)
      return try implementation.softmax(
        Tensor<Float>(geometry: geometry, elements: Array(repeating: 0, count: 64)), as: Float.self
      ).elements[0]
    }
    let used = fault.renewed()
    for _ in 0..<4 { #expect(try share(used) == 1 / 64) }
    #expect(try share(fault.renewed()) == 1 / 64)
    #expect(try share(used) == 1 / 32)
    #expect(try share(used.renewed()) == 1 / 64)
  }

  @Test("Another output format, and a layout that is not offered")
  func outputFormatsAndLayouts() throws {
    let fault = try #require(FaultySoftmax.all.first { $0.name == "base-two" })
    let tensor = Tensor<BFloat16>(
      geometry: try LaneGeometry(shape: [2], axis: 0),
      elements: [BFloat16(rounding: 0.0), BFloat16(rounding: -1.0)])
    #expect(try fault.softmax(tensor, as: Float.self).elements == [2 / 3, 1 / 3])
    #expect(throws: InternalError.self) {
      try fault.answer(to: tensor, laidOut: .sliced, as: Float.self)
    }
  }
}
