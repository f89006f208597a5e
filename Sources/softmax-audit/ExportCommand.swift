import ArgumentParser
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Foundation
import LogitFamilies

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the inputs of a run.",
    usage: "softmax-audit export [<options>] <directory>",
    discussion: """
      One .npy file for each format, family and length, of shape (samples, length) with the softmax along axis 1, and a \
      manifest.json that lists them. For an operation other than softmax the name of a file ends in the role of the input, \
      as in float32-normal-4-8.logits.npy, and that of its outputs in theirs. bfloat16 is written as 16-bit words in the way of ml_dtypes. The lanes are those \
      that audit makes with the same seed. 'softmax-audit verify --inputs' audits what comes back.

      Example:
        softmax-audit export inputs --family 'normal-*' --length 1000 --samples 16
      """)

  @Argument(help: "The directory to write to; it is made if it does not exist.")
  var directory: String

  @Option(name: .long, parsing: .singleValue, help: "A format (repeatable; default: all).")
  var format: [FloatFormat] = []

  @OptionGroup
  var operations: OperationOptions

  @OptionGroup
  var lanes: LaneOptions

  @OptionGroup
  var seeds: SeedOptions

  func run() throws {
    let seed = try seeds.value()
    let cells = try lanes.cells(in: format.orAll)
    guard !cells.isEmpty else {
      throw UserError(.notMeasured, "no selected family has lanes in the formats asked for")
    }
    try OutputPlaces(files: [], directories: [("export", directory)]).check()
    try OutputFile.makeDirectory(directory)
    seeds.tell(seed)
    let operation = operations.asked
    let role = ExportManifest.role(of: operation.inputs[0].rawValue, in: operation)
    var manifest = ExportManifest(
      seed: seed, operation: operation == .softmax ? nil : operation.name, tensors: [])
    for cell in cells {
      guard case .family(let family, let length, let samples) = cell.source else { continue }
      let file = "\(cell.format.rawValue)-\(family.name)-\(length)\(role).npy"
      try cell.format.open(
        Writer(
          family: family, length: length, samples: samples, seed: seed,
          path: directory + "/" + file))
      manifest.tensors.append(
        ExportManifest.Entry(
          file: file, format: cell.format.rawValue, family: family.name, shape: [samples, length],
          axis: 1))
    }
    try OutputFile.write(
      DocumentJSON.encode(manifest), to: directory + "/" + ExportManifest.fileName)
    Console.note("\(manifest.tensors.count) files in \(directory)")
  }

  private struct Writer: FormatGenericWork {
    let family: LogitFamily
    let length: Int
    let samples: Int
    let seed: UInt64
    let path: String

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let elements = (0..<samples).flatMap {
        family.lane(seed: seed, length: length, sample: $0, as: type)
      }
      let geometry = try LaneGeometry(shape: [samples, length], axis: 1)
      try NumpyArray.write(Tensor(geometry: geometry, elements: elements), to: path)
    }
  }
}
