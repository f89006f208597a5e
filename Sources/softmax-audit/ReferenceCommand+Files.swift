import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Foundation
import Oracle

extension ReferenceCommand {
  /// The most logits whose values are printed.
  private static let mostPrinted = 1000

  /// Writes or prints the values of a tensor in a file.
  func run(on path: String) async throws {
    var mistakes = Mistakes()
    if !lane.isEmpty {
      mistakes.add(.usage, "--logits brings its own logits; leave \(lane[0]) out")
    }
    threads.check(&mistakes)
    if specialLanes != nil, operation != .softmax || output == nil {
      mistakes.add(
        .usage, "--special-lanes says what is written to --output for a softmax; leave it out")
    }
    if output != nil, digits != Self.usualDigits {
      mistakes.add(.usage, "--digits are those of printed values; leave it out with --output")
    }
    try OutputPlaces(files: [("--output", output)], inputs: [path]).check(&mistakes)
    let wantedPolicy = try mistakes.collect {
      try specialLanes.map { try SpecialLanePolicy(parsing: $0) }
    }
    let wanted = try mistakes.collect { try SavedTensor.read(path, integersAre: format) }
    let (policy, tensor) = try mistakes.require(wantedPolicy, wanted)

    var rounding = try CorrectRounding(of: tensor, axis: axis ?? -1, name: path)
    rounding.operation = operation
    rounding.inputFormat = format
    rounding.outputFormat = outputFormat
    rounding.specialLanes = policy ?? .nanSomewhere
    rounding.threads = threads.count
    guard let output else { return try print(tensor, from: path) }
    let file = try NumpyWriter(output, format: rounding.format, shape: rounding.shape)
    let notes = try await rounding.run { try file.append(encoded: $0) }
    try file.finish()
    if notes.roundedLogits > 0 {
      Console.note(
        "note: \(notes.roundedLogits) logits of \(path) are rounded to \((format ?? tensor.format).rawValue)"
      )
    }
    if notes.specialLanes > 0 {
      Console.note(
        "note: \(notes.specialLanes) lanes with NaN, +inf or only -inf have no softmax; NaN is written, or what --special-lanes says"
      )
    }
  }

  /// Prints the values of a short tensor, lane after lane.
  private func print(_ tensor: SavedTensor, from path: String) throws {
    let geometry = try LaneGeometry(shape: tensor.shape, axis: axis ?? -1)
    guard geometry.elementCount <= Self.mostPrinted else {
      throw UserError(
        .usage,
        "\(path) has \(geometry.elementCount) logits, and up to \(Self.mostPrinted) are printed; name --output"
      )
    }
    guard geometry.elementCount > 0 else {
      throw UserError(.usage, "\(path) has no logit; there is nothing to print")
    }
    try tensor.format.open(
      PrintedTensor(command: self, tensor: tensor, geometry: geometry, path: path))
  }

  private struct PrintedTensor: FormatGenericWork {
    let command: ReferenceCommand
    let tensor: SavedTensor
    let geometry: LaneGeometry
    let path: String

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      for number in 0..<geometry.laneCount {
        let lane = tensor.lane(number, of: geometry, as: F.self)
        if geometry.laneCount > 1 {
          try Console.print((number > 0 ? "\n" : "") + "lane \(number)\n")
        }
        guard lane.allSatisfy({ !$0.isNaN && $0 < F.infinity }), lane.contains(where: \.isFinite)
        else {
          try Console.print("no softmax: the lane holds NaN or +inf, or only -inf\n")
          continue
        }
        try (command.format ?? F.format).open(
          PrintedLane(command: command, logits: lane.map(\.exactDouble)))
      }
    }
  }

  private struct PrintedLane: FormatGenericWork {
    let command: ReferenceCommand
    let logits: [Double]

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let lane = logits.map { F(rounding: $0) }
      try command.printLane(lane, labels: lane.map(\.decimalText))
    }
  }
}
