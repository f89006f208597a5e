import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Foundation
import Oracle

extension ReferenceCommand {
  /// The most outputs whose values are printed.
  private static let mostPrinted = 1000

  /// Writes or prints the outputs for inputs in files.
  func runOnFiles() async throws {
    var mistakes = Mistakes()
    if !lane.isEmpty {
      let options = inputs.logits == nil ? "--input" : "--logits"
      mistakes.add(.usage, "\(options) brings its own logits; leave \(lane[0]) out")
    }
    threads.check(&mistakes)
    if specialLanes != nil, inputs.operation != AuditedOperation.softmax.name || output == nil {
      mistakes.add(
        .usage, "--special-lanes says what is written to --output for a softmax; leave it out")
    }
    if specialLanes != nil, !modifiers.isEmpty {
      mistakes.add(
        .usage, "--special-lanes is about plain logits; leave it out, and NaN is written")
    }
    if output != nil, digits != Self.usualDigits {
      mistakes.add(.usage, "--digits are those of printed values; leave it out with --output")
    }
    try OutputPlaces(
      files: [("--output", output)],
      inputs: inputs.namedFiles + parameters.namedFiles + modifiers.namedFiles
    ).check(&mistakes)
    let wantedPolicy = try mistakes.collect {
      try specialLanes.map { try SpecialLanePolicy(parsing: $0) }
    }
    let wantedFiles = try mistakes.collect { try inputs.files(parameters, modifiers) }
    let (policy, files) = try mistakes.require(wantedPolicy, wantedFiles)
    var saved = try files.read(axis: axis ?? -1, integersAre: format).inputs
    let names = files.all.joined(separator: " and ")
    if let format {
      let (rounded, changed) = try saved.rounded(to: format)
      saved = rounded
      if changed > 0 {
        let numbers = files.all.count == 1 ? "logits" : "numbers"
        Console.note("note: \(changed) \(numbers) of \(names) are rounded to \(format.rawValue)")
      }
    }
    var rounding = try CorrectRounding(of: saved, name: files.first)
    rounding.outputFormat = outputFormat
    rounding.specialLanes = policy ?? .nanSomewhere
    rounding.threads = threads.count
    guard let output else { return try print(saved, from: files.first) }
    let file = try NumpyWriter(output, format: rounding.format, shape: rounding.shape)
    let specialCount = try await rounding.run { try file.append(encoded: $0) }
    try file.finish()
    if specialCount > 0 { noteSpecialLanes(specialCount, of: saved.operation) }
  }

  private func noteSpecialLanes(_ count: Int, of operation: AuditedOperation) {
    if operation == .softmax {
      Console.note(
        "note: \(count) lanes with NaN, +inf or only -inf have no softmax; NaN is written, or what --special-lanes says"
      )
    } else {
      let lanes = count == 1 ? "1 lane has" : "\(count) lanes have"
      Console.note(
        "note: \(lanes) no \(operation), for example of NaN or only -inf; NaN is written")
    }
  }

  /// Prints the outputs of a short tensor, lane after lane.
  private func print(_ saved: SavedInputs, from path: String) throws {
    let lanes = saved.outputLaneCount
    let count = lanes * saved.operation.outputCount(ofLength: saved.geometry.length)
    guard count <= Self.mostPrinted else {
      throw UserError(
        .usage,
        saved.operation.output.extent == .lane
          ? "\(path) has \(count) logits, and up to \(Self.mostPrinted) are printed; name --output"
          : "there are \(count) outputs, and up to \(Self.mostPrinted) are printed; name --output")
    }
    guard count > 0 else {
      throw UserError(.usage, "\(path) has no logit; there is nothing to print")
    }
    for number in 0..<lanes {
      let lane = try saved.outputLane(number)
      if lanes > 1 { try Console.print((number > 0 ? "\n" : "") + "lane \(number)\n") }
      if let lack = lane.lackOfValue {
        try Console.print("no \(saved.operation): \(lack.statement(of: lane))\n")
        continue
      }
      try printLane(lane, labels: try labels(of: number, in: saved))
    }
  }

  /// The labels of the outputs of a lane: the elements of the first input that they belong to.
  private func labels(of number: Int, in saved: SavedInputs) throws -> [String] {
    let elements = try saved.first.format.open(
      DecimalLane(source: saved.first, number: number, geometry: saved.geometry))
    switch saved.operation.output.extent {
    case .one: return []
    case .lane: return elements
    case .matrix: return elements.flatMap { row in elements.map { "\(row) \($0)" } }
    }
  }

  /// The elements of a lane as decimal text.
  private struct DecimalLane: FormatGenericWork {
    let source: any LaneSource
    let number: Int
    let geometry: LaneGeometry

    func run<F: BinaryFloat>(_ type: F.Type) -> [String] {
      source.lane(number, of: geometry, as: F.self).map(\.decimalText)
    }
  }
}

extension SpecialLane {
  /// The reason why a lane has no value, in a sentence.
  fileprivate func statement(of lane: OperationLane) -> String {
    switch self {
    case .holdsNaN: "an input is NaN"
    case .holdsInfinity: "an input is infinite"
    case .fullyMasked:
      lane.reduction == .none
        ? "every logit is -inf" : "no lane counts, or every logit of one is -inf"
    }
  }
}
