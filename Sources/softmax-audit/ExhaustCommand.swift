import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Hunts
import Oracle

struct ExhaustCommand: DividedCommand {
  static let configuration = CommandConfiguration(
    commandName: "exhaust",
    abstract: "Tries every input of a small domain, and certifies what came out.",
    discussion: """
      The implementation itself runs on every lane of the domain. The certificate states the \
      domain, the number of lanes, the largest error with its witness, how many outputs are \
      correctly rounded, and a digest of all outputs. Every figure is a fact about this \
      implementation as it was compiled here.

      Domains:
        pairs        all ordered pairs of finite numbers (--limit: up to this size)
        tuples       lanes of --length multiples of --step, up to --limit in size
        differences  the lanes (0, -d) for every number d with 0 < d < --limit

      The digest is SHA-256 over two 64-bit sums for each block of lanes, lowest byte first: the \
      sum of the encodings o_j of its outputs, and the sum of (j + 1) o_j, j from 0. NaNs count \
      as the quiet NaN without sign. Lanes are numbered with the last logit running fastest, \
      logits from the lowest to the largest; the certificate gives the number of lanes in a block.

      Several implementations run side by side on the lanes of a format; outputs that are the same \
      bit for bit are judged once, and shown together.

      Log-softmax and logsumexp have the same domains: implementations see the logits and not \
      their differences alone. But a logsumexp moves with its logits, so that differences say \
      nothing of it. Certificates of both have the largest scaled error besides, which is the one \
      to go by: near 0 the error in ULP is large for every implementation.

      Where nothing is declared, every output is judged by what any sound softmax keeps to; where \
      a model is, its bound judges the largest errors. A mismatch is declared where the bound of \
      the model leaves its lane out; of each block the first mismatch is looked at. --judge \
      nothing measures only.

      With --checkpoint, an interrupted run goes on where it stopped. Neither that nor the number \
      of threads changes the certificate.

      Examples:
        softmax-audit exhaust --implementation max-trick --format float16
        softmax-audit exhaust --implementation 'logsumexp/*' --format bfloat16 --json all.json
        softmax-audit exhaust --implementation online --format bfloat16 --checkpoint online.state
        softmax-audit exhaust --implementation max-trick --format float32 --domain differences \
      --limit 104
        softmax-audit exhaust --operation logsumexp --implementation max-trick --format float16
        softmax-audit exhaust --plugin libmine.so --domain tuples --length 3 --step 0.125 --limit 8
      """)

  @OptionGroup(title: "What to exhaust")
  var subjects: ImplementationOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A format of the logits (repeatable; default: float16 and bfloat16 for whole pairs, else all "
        + "that the implementation has)."))
  var format: [FloatFormat] = []

  @Option(name: .long, help: "The format of the outputs (default: that of the logits).")
  var outputFormat: FloatFormat?

  @Option(name: .long, help: "pairs (default), tuples or differences.")
  var domain: ExhaustiveDomain.Kind = .pairs

  @Option(
    name: .long, parsing: .unconditional, help: "The number of logits of tuples (default: 3).")
  var length: Int?

  @Option(name: .long, parsing: .unconditional, help: "The distance between logits of tuples.")
  var step: Double?

  @Option(name: .long, parsing: .unconditional, help: "The largest size of logits or differences.")
  var limit: Double?

  @OptionGroup
  var threads: ThreadOptions

  @OptionGroup
  var shards: ShardOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep what is done in this file, and go on from it where it exists.", valueName: "file"))
  var checkpoint: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Show one lane of the domain instead, as in a replay.", valueName: "number"))
  var lane: UInt64?

  @OptionGroup(title: "How to judge")
  var judging: MeasuringOptions

  @OptionGroup
  var output: OutputOptions

  @OptionGroup
  var evidence: EvidenceOptions

  private var quiet: Bool { output.quiet }

  func runInTime() async throws {
    let (jobs, notMeasured, replay) = try makePlan()
    if let lane { return try show(lane, jobs, replay) }

    let progress = Progress(
      isQuiet: quiet, what: "blocks",
      kept: checkpoint.map { "\($0) keeps what it has: the same command goes on from there" })
    let certificates = try await ExhaustionRun(jobs, checkpoint: checkpoint).certificates(
      replay: replay, progress: { progress.show($0, of: $1) }, endOfDomain: progress.finish)
    let document = Certificates(
      .ofThisRun(
        tier: .filtered, threads: threads.count, implementations: jobs.map(\.implementation)),
      shard: jobs.first?.shard, certificates: certificates)
    try output.write(CertificatesJSON.encode(document), text: CertificateText.render(document))
    try evidence.write(of: document, quietly: quiet)
    let outcome = RunOutcome(
      of: document.certificates, maxUlp: judging.limit.maxUlp, notMeasured: notMeasured)
    try outcome.leave(quietly: quiet)
  }

  static let part = "block"

  static let keepsCheckpoints = true

  var largestErrorAllowed: Double? { judging.limit.maxUlp }

  func survey() throws -> RunSurvey {
    let (jobs, notMeasured, _) = try makePlan()
    let domains = jobs.map { job in
      "\(job.implementation.name) on \(job.domain.summary), \(job.domain.lanes) lanes"
    }
    return RunSurvey(
      implementations: jobs.map(\.implementation),
      formats: jobs.map(\.input).uniqued(), outputFormat: outputFormat, domain: domains,
      digest: SHA256.hexDigest(of: zip(domains, jobs).flatMap { [$0, $1.output.rawValue] }),
      parts: jobs.map(\.start.blocks).max() ?? 1, notMeasured: notMeasured)
  }

  private func show(
    _ lane: UInt64, _ jobs: [Exhaustion], _ replay: (Exhaustion, UInt64) -> String
  ) throws {
    for job in jobs {
      let elements = try ExhaustiveCertificate.elements(
        ofLane: lane, job, replay: replay(job, lane))
      if jobs.count > 1 {
        try Console.print("\(job.implementation.name) in \(job.input.rawValue)\n")
      }
      try Console.print(CertificateText.render(elements, of: job.operation))
    }
  }

  /// Turns the options into jobs, and says what of them it cannot do.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlan() throws -> (
    [Exhaustion], notMeasured: [String], replay: (Exhaustion, UInt64) -> String
  ) {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    judging.check(&mistakes)
    if subjects.namesNothing {
      mistakes.add(
        .usage,
        "name what to exhaust with --implementation, --plugin, --python or --library: each may take minutes"
      )
    }
    if lane != nil,
      checkpoint != nil || shards.shard != nil || output.json != nil || evidence.evidence != nil
        || judging.limit.maxUlp != nil || quiet
    {
      mistakes.add(
        .usage,
        "--lane shows one lane and nothing else; leave --checkpoint, --shard, --json, --evidence, --max-ulp and --quiet out"
      )
    }
    let wantedShard = try mistakes.collect { try shards.value() }
    (format + [outputFormat].compactMap { $0 }).refuseEightBits(in: "exhaust", &mistakes)
    let isSmall = domain == .pairs && limit == nil && format.isEmpty
    let formats =
      isSmall
      ? [FloatFormat.float16, .bfloat16]
      : format.orAll
    try OutputPlaces(
      files: output.files + evidence.files, states: [("--checkpoint", checkpoint)],
      inputs: subjects.files
    ).check(&mistakes)
    let wantedSubjects = try mistakes.collect {
      try subjects.select(in: formats, for: .exhaust)
    }
    let operation = wantedSubjects?.operation ?? subjects.operations.asked
    let wantedSettings = try mistakes.collect { try judging.settings(of: operation) }
    let (shard, settings, selected) = try mistakes.require(
      wantedShard, wantedSettings, wantedSubjects)
    selected.sayHowCalled(quietly: quiet)
    var jobs: [Exhaustion] = []
    let notMeasured =
      selected.notMeasured + selected.implementations.unoffered(in: formats)
      + format.unoffered(by: selected.implementations)
    for implementation in selected.implementations {
      for format in formats where implementation.formats.contains(format) {
        let job = try mistakes.collect {
          try Exhaustion(
            implementation,
            on: ExhaustiveDomain(domain, format: format, length: length, limit: limit, step: step),
            output: outputFormat, settings: settings)
        }
        guard var job else { continue }
        job.threads = threads.count
        job.shard = shard
        if let lane, lane >= job.domain.lanes {
          mistakes.add(
            .usage, "--lane \(lane): the domain has lanes from 0 to \(job.domain.lanes - 1)")
        }
        jobs.append(job)
      }
    }
    try mistakes.throwIfAny()
    guard !jobs.isEmpty else { throw mistakes.adding(notMeasured: notMeasured) }
    return (
      jobs, notMeasured,
      { job, lane in
        ReplayCommandLine.exhaust(
          job.domain, of: job.operation, lane: lane, input: job.input, output: job.output,
          judging: judging.bound.words(), selection: selected.words(for: job.implementation.name)
        ).text
      }
    )
  }
}

extension ExhaustiveDomain.Kind: ExpressibleByArgument {}
