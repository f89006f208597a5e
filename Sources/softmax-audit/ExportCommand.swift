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
      as in float32-normal-4-8.logits.npy, and that of its outputs in theirs; of losses and gradients there is a file for each \
      input. bfloat16 is written as 16-bit words in the way of ml_dtypes. The lanes are those \
      that audit makes with the same seed. 'softmax-audit verify --inputs' audits what comes back. Modifiers and parameters of \
      losses stand in the manifest, masks and weights in files beside it, and verify takes them from there.

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
  var modifiers: ModifierOptions

  @OptionGroup
  var parameters: LossParameterOptions

  @OptionGroup
  var seeds: SeedOptions

  func run() throws {
    let seed = try seeds.value()
    let cells = try lanes.cells(of: operations.asked, in: format.orAll)
    guard !cells.isEmpty else {
      throw UserError(.notMeasured, "no selected family has lanes in the formats asked for")
    }
    let operation = operations.asked
    var mistakes = Mistakes()
    modifiers.check(for: operation, &mistakes)
    parameters.check(for: operation, &mistakes)
    parameters.refuseReduction(in: "export", &mistakes)
    try mistakes.throwIfAny()
    try OutputPlaces(
      files: [], directories: [("export", directory)],
      inputs: modifiers.namedFiles + parameters.namedFiles
    ).check()
    var given: [FloatFormat: (modifiers: GivenModifiers, loss: GivenLoss)] = [:]
    for format in cells.map(\.format).uniqued() {
      given[format] = (
        try modifiers.given(in: format),
        try parameters.given(integersAre: format.isNarrow ? format : nil)
      )
    }
    // What does not fit is told before anything is written.
    for cell in cells where operation.askedDomain.includes(length: try cell.geometry().length) {
      try cell.check(
        given[cell.format]?.modifiers ?? .none, given[cell.format]?.loss ?? .none)
    }
    try OutputFile.makeDirectory(directory)
    seeds.tell(seed)
    let role = ExportManifest.role(of: operation.inputs[0].rawValue, in: operation)
    var manifest = ExportManifest(
      seed: seed, operation: operation == .softmax ? nil : operation.name, tensors: [])
    for (format, own) in given.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      try manifest.take(own.modifiers, own.loss, in: format, to: directory)
    }
    let domain = operation.askedDomain
    if !domain.exclusions.isEmpty {
      Console.note("not written: \(domain.exclusions.joined(separator: "; "))")
    }
    for cell in cells {
      guard let (length, _) = cell.source.size else { continue }
      let name = "\(cell.format.rawValue)-\(cell.source.name)-\(length)"
      let file = "\(name)\(role).npy"
      guard domain.includes(length: length) else { continue }
      let geometry =
        try cell.attentionShape().map { AttentionShape.rows(of: $0.query) } ?? cell.geometry()
      var entry = ExportManifest.Entry(
        file: file, format: cell.format, family: cell.source.name, shape: geometry.shape,
        axis: geometry.axis)
      for input in operation.inputs.dropFirst() {
        entry.others[input.rawValue] = "\(name).\(input.rawValue).npy"
      }
      try cell.format.open(
        Writer(
          operation: operation, source: cell.source, seed: seed, directory: directory,
          entry: entry, modifiers: given[cell.format]?.modifiers ?? .none,
          loss: given[cell.format]?.loss ?? .none))
      manifest.tensors.append(entry)
    }
    try OutputFile.write(
      DocumentJSON.encode(manifest), to: directory + "/" + ExportManifest.fileName)
    Console.note("\(manifest.tensors.count) files in \(directory)")
  }

  private struct Writer: FormatGenericWork {
    let operation: AuditedOperation
    let source: AuditPlan.Source
    let seed: UInt64
    let directory: String
    let entry: ExportManifest.Entry
    let modifiers: GivenModifiers
    let loss: GivenLoss

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let inputs: OperationInputs<F>
      if case .attention(let family, let keys, let rows) = source {
        inputs = try OperationInputs(
          family, keys: keys, rows: rows, seed: seed, modifiers: modifiers)
      } else {
        inputs = OperationInputs(
          of: operation, logits: try source.tensor(seed: seed, as: type), family: source.name,
          seed: seed, given: loss)
      }
      try inputs.write(to: directory + "/" + entry.file) { role in
        entry.file(of: role).map { directory + "/" + $0 }
      }
    }
  }
}
