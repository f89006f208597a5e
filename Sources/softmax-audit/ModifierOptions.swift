import ArgumentParser
import AuditedOperations
import Basics
import FloatFormats

/// The modifiers of the logits of a softmax, its logarithm and a logsumexp.
struct ModifierOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Multiply the logits by this number first, as in 0.125 = 1 / sqrt(64).", valueName: "factor"))
  var scale: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Then bound them by a soft cap k: k tanh(z / k).", valueName: "k"))
  var softcap: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Then add a mask: the numbers of a file, repeated to the shape of the logits, or 'causal', with "
        + "queries along the axis before the last and keys along the last.",
      valueName: "causal|file"))
  var mask: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Then let a sink take its share: one more logit, neither scaled nor capped, without an output. A "
        + "number, or a file with one for each lane, of attention for each head.",
      valueName: "value|file"))
  var sink: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Of a causal mask where there are not as many keys as queries: whether query i sees keys up to i "
        + "(top-left), or the last query sees all (bottom-right, the default).",
      valueName: "alignment"))
  var causalAlignment: CausalAlignment?

  @Flag(
    name: .long,
    help: "Hide later keys, as --mask causal does, beside the mask of a file where one is given.")
  var causal = false

  /// Whether none was given.
  var isEmpty: Bool {
    scale == nil && softcap == nil && mask == nil && sink == nil && causalAlignment == nil
      && !causal
  }

  /// The name of a mask that hides later keys.
  static let causalMask = "causal"

  private var isCausal: Bool { causal || mask == Self.causalMask }
  /// The file of a mask; `nil` where there is none.
  private var maskFile: String? { mask == Self.causalMask ? nil : mask }
  /// The sink, where it is a number.
  var sinkNumber: Double? { sink.flatMap { Double(text: $0) } }
  /// The file of sinks; `nil` where there is none.
  private var sinkFile: String? { sinkNumber == nil ? sink : nil }

  /// The files, for those that must not be written to.
  var namedFiles: [String] { [maskFile, sinkFile].compactMap { $0 } }

  /// The words that give the same modifiers again.
  var words: [String] {
    var words: [String] = []
    if let scale { words += ["--scale", "\(scale)"] }
    if let softcap { words += ["--softcap", "\(softcap)"] }
    if let mask { words += ["--mask", mask] }
    if let sink { words += ["--sink", sink] }
    if causal { words.append("--causal") }
    if let causalAlignment { words += ["--causal-alignment", causalAlignment.rawValue] }
    return words
  }

  /// Adds the modifiers that an operation does not have, and numbers that are out of their range.
  func check(for operation: AuditedOperation, _ mistakes: inout Mistakes) {
    let given: [(name: String, isGiven: Bool)] = [
      ("--scale", scale != nil), ("--softcap", softcap != nil), ("--mask", mask != nil),
      ("--sink", sink != nil), ("--causal", causal),
      ("--causal-alignment", causalAlignment != nil),
    ]
    if !operation.hasModifiers {
      for option in given where option.isGiven {
        mistakes.add(.usage, "\(operation.name) has no \(option.name); leave it out")
      }
      return
    }
    do throws(UserError) {
      try LogitModifiers.check(scale: scale, softcap: softcap)
    } catch {
      mistakes.add(error.kind, error.message)
    }
    if causalAlignment != nil, !isCausal {
      mistakes.add(
        .usage, "--causal-alignment belongs to --causal and --mask causal; there is none")
    }
    if let sinkNumber, sinkNumber.isNaN {
      mistakes.add(.usage, "--sink \(sink ?? ""): use a number, -inf for no sink, or a file")
    }
  }

  /// The modifiers, with the numbers of their files.
  ///
  /// - Parameter format: That of the logits.
  /// - Throws: ``UserError`` where there is no such file, or it holds something else.
  func given(in format: FloatFormat) throws -> GivenModifiers {
    func read(_ path: String) throws -> NumberFile {
      try NumberFile(reading: path, integersAre: format.isNarrow ? format : nil)
    }
    return GivenModifiers(
      scale: scale, softcap: softcap,
      causal: isCausal ? causalAlignment ?? .bottomRight : nil, mask: try maskFile.map(read),
      sink: try sinkNumber.map { .number($0) } ?? sinkFile.map { .file(try read($0)) })
  }

  /// Tells of what is rounded or taken for granted with a tensor of logits.
  func sayWhatIsTaken(of geometry: LaneGeometry, in format: FloatFormat) {
    sayWhatIsTaken(
      queries: geometry.shape.dropLast().last ?? 0, keys: geometry.length, in: format)
  }

  /// The same of so many queries and keys.
  func sayWhatIsTaken(queries: Int, keys: Int, in format: FloatFormat) {
    if isCausal, causalAlignment == nil, queries != keys {
      Console.note(
        "note: \(queries) queries and \(keys) keys: the last query sees all keys (--causal-alignment bottom-right)"
      )
    }
    if let sinkNumber, !format.holds(sinkNumber) {
      Console.note(
        "note: --sink \(sink ?? "") is rounded to \(format.rawValue): \(format.rounded(sinkNumber).hexText)"
      )
    }
  }
}

extension CausalAlignment: ExpressibleByArgument {}
