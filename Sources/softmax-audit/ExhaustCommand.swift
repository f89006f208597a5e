import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Hunts
import MultiPrecision

struct ExhaustCommand: AsyncParsableCommand {
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

      With --checkpoint, an interrupted run goes on where it stopped. Neither that nor the number \
      of threads changes the certificate. A mismatch is declared where the bound of the model \
      leaves its lane out; of each block the first mismatch is looked at.

      Examples:
        softmax-audit exhaust --implementation max-trick --format float16
        softmax-audit exhaust --implementation 'logsumexp/*' --format bfloat16 --json all.json
        softmax-audit exhaust --implementation online --format bfloat16 --checkpoint online.state
        softmax-audit exhaust --implementation max-trick --format float32 --domain differences \
      --limit 104
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

  @Option(name: .long, help: "The format of the probabilities (default: that of the logits).")
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

  @Option(
    name: .long, parsing: .unconditional,
    help: "Threads (default: one per processor). Never changes a figure.")
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Measure every n-th block only, from the i-th; 'merge' puts the results together.",
      valueName: "i/n"))
  var shard: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep what is done in this file, and go on from it where it exists.", valueName: "file"))
  var checkpoint: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Show one lane of the domain instead, as in a replay.", valueName: "number"))
  var lane: UInt64?

  @Option(
    name: .long, parsing: .unconditional,
    help: "Fail where an error in the normal range exceeds this many ULP.")
  var maxUlp: Double?

  @Option(name: .long, help: ArgumentHelp("Write the certificates as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "No progress, no notes and no text; only files and the exit status.")
  var quiet = false

  func run() async throws { try await subjects.withinTotalTime { try await runInTime() } }

  private func runInTime() async throws {
    let (jobs, notMeasured, replay) = try makePlan()
    if let lane { return try show(lane, jobs, replay) }

    let file = try checkpoint.map { try CheckpointFile($0, jobs) }
    let progress = Progress(isQuiet: quiet, what: "blocks")
    var certificates: [Int: ExhaustiveCertificate] = [:]
    let states = jobs.indices.map { file?.state(of: $0) ?? jobs[$0].start }
    var left = Array(jobs.indices)
    while let first = left.first {
      // All that run on the same lanes, and have come as far.
      let group = left.filter {
        jobs[$0].isJoinable(with: jobs[first]) && states[$0].done == states[first].done
      }
      left.removeAll { group.contains($0) }
      let total = jobs[first].share(of: states[first])
      let results = try await JointExhaustion(group.map { jobs[$0] })
        .run(from: group.map { states[$0] }) { states in
          progress.show(states.map(\.done.count).max() ?? 0, of: total)
          try file?.update(group, states)
        }
      for (number, result) in zip(group, results) {
        let job = jobs[number]
        switch result {
        case .success(let state):
          try file?.update([number], [state], isLast: true)
          let certificate = {
            try ExhaustiveCertificate(job, state, isShard: job.shard != nil) { replay(job, $0) }
          }
          certificates[number] = try file?.believed(certificate) ?? certificate()
        case .failure(let failure):
          certificates[number] = ExhaustiveCertificate(job, failure: failure)
        }
      }
      progress.finish()
    }
    let document = Certificates(
      tool: .init(name: "softmax-audit", version: toolVersion), command: CommandText.own,
      oracle: .init(tier: "filtered", library: "MPFR \(BigFloat.libraryVersion)"),
      environment: Machine.environment(
        threads: threadCount, implementations: jobs.map(\.implementation)),
      shard: jobs.first?.shard,
      certificates: certificates.sorted { $0.key < $1.key }.map(\.value))
    if let json { try OutputFile.write(CertificatesJSON.encode(document), to: json) }
    if !quiet { try Console.print(CertificateText.render(document)) }
    try CertificateOutcome(of: document.certificates, maxUlp: maxUlp, notMeasured: notMeasured)
      .leave(quietly: quiet)
  }

  private var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  private func show(
    _ lane: UInt64, _ jobs: [Exhaustion], _ replay: (Exhaustion, UInt64) -> String
  ) throws {
    for job in jobs {
      let elements = try ExhaustiveCertificate.elements(
        ofLane: lane, job, replay: replay(job, lane))
      if jobs.count > 1 {
        try Console.print("\(job.implementation.name) in \(job.input.rawValue)\n")
      }
      try Console.print(CertificateText.render(elements))
    }
  }

  /// Turns the options into jobs, and says what of them it cannot do.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlan() throws -> (
    [Exhaustion], notMeasured: [String], replay: (Exhaustion, UInt64) -> String
  ) {
    var mistakes = Mistakes()
    if let threads, threads < 1 { mistakes.add(.usage, "--threads \(threads): use at least 1") }
    if let maxUlp, !(0..<Double.infinity).contains(maxUlp) {
      mistakes.add(.usage, "--max-ulp \(maxUlp): use a finite number that is not negative")
    }
    if subjects.namesNothing {
      mistakes.add(
        .usage,
        "name what to exhaust with --implementation, --plugin, --python or --library: each may take minutes"
      )
    }
    if lane != nil, checkpoint != nil || shard != nil || json != nil || maxUlp != nil || quiet {
      mistakes.add(
        .usage,
        "--lane shows one lane and nothing else; leave --checkpoint, --shard, --json, --max-ulp and --quiet out"
      )
    }
    let shard = try mistakes.collect { try self.shard.map { try Shard(parsing: $0) } }
    let isSmall = domain == .pairs && limit == nil && format.isEmpty
    let formats =
      isSmall
      ? [FloatFormat.float16, .bfloat16]
      : FloatFormat.allCases.filter { format.isEmpty || format.contains($0) }
    try OutputPlaces(
      files: [("--json", json)], states: [("--checkpoint", checkpoint)], inputs: subjects.files
    ).check(&mistakes)
    try mistakes.throwIfAny()
    let selected = try mistakes.collect { try subjects.select(in: formats) }
    try mistakes.throwIfAny()
    guard let shard, let selected else {
      throw InternalError("a plan is missing a part that nobody complained about")
    }
    selected.sayHowCalled(quietly: quiet)
    var jobs: [Exhaustion] = []
    var notMeasured = selected.notMeasured
    for implementation in selected.implementations {
      let offered = formats.filter { implementation.formats.contains($0) }
      if offered.isEmpty {
        notMeasured.append(
          "\(implementation.name) is not offered for the formats asked for, but for \(implementation.formats.listed)"
        )
      }
      for format in offered {
        let job = try mistakes.collect {
          try Exhaustion(
            implementation,
            on: ExhaustiveDomain(domain, format: format, length: length, limit: limit, step: step),
            output: outputFormat)
        }
        guard var job else { continue }
        job.threads = threadCount
        job.shard = shard
        if let lane, lane >= job.domain.lanes {
          mistakes.add(
            .usage, "--lane \(lane): the domain has lanes from 0 to \(job.domain.lanes - 1)")
        }
        jobs.append(job)
      }
    }
    for wanted in format.uniqued()
    where !selected.implementations.contains(where: { $0.formats.contains(wanted) }) {
      notMeasured.append("no selected implementation is offered for \(wanted.rawValue)")
    }
    try mistakes.throwIfAny()
    guard !jobs.isEmpty else {
      for reason in notMeasured { mistakes.add(.notMeasured, reason) }
      throw mistakes
    }
    let replay = { (job: Exhaustion, lane: UInt64) in
      var words = ["softmax-audit", "exhaust"] + selected.words(for: job.implementation.name)
      words += ["--format", job.input.rawValue]
      if job.output != job.input { words += ["--output-format", job.output.rawValue] }
      words += job.domain.words + ["--lane", "\(lane)"]
      return words.map(\.quotedForShell).joined(separator: " ")
    }
    return (jobs, notMeasured, replay)
  }
}

extension ExhaustiveDomain.Kind: ExpressibleByArgument {}

extension ExhaustiveDomain {
  /// The options that ask for the domain.
  var words: [String] {
    var words = ["--domain", kind.rawValue]
    if kind == .tuples { words += ["--length", "\(length)"] }
    if let step { words += ["--step", "\(step.value)"] }
    if let limit { words += ["--limit", "\(limit.value)"] }
    return words
  }
}

/// What certificates say is wrong, and the exit status for it.
struct CertificateOutcome {
  private var failures: [String] = []
  private var notMeasured: [String]

  init(of certificates: [ExhaustiveCertificate], maxUlp limit: Double?, notMeasured: [String]) {
    self.notMeasured = notMeasured
    for certificate in certificates {
      let place = "\(certificate.implementation) in \(certificate.inputFormat)"
      if let failure = certificate.failure { failures.append("\(place): \(failure)") }
      for seen in certificate.misconduct ?? [] { failures.append("\(place): \(seen)") }
      if let witness = certificate.undeclaredMismatch {
        failures.append(
          "\(place): lane \(witness.lane) does not match, and no declared domain excuses it")
      }
      if certificate.isFailure, certificate.failure == nil, certificate.misconduct == nil,
        certificate.undeclaredMismatch == nil
      {
        failures.append("\(place): the largest error exceeds the bound")
      }
      if let limit, let worst = certificate.maxUlp?.value, !(worst <= limit) {
        failures.append("\(place): \(worst) ulp exceed --max-ulp \(limit)")
      }
      if certificate.undecided > 0 {
        self.notMeasured.append(
          "\(place): \(certificate.undecided) outputs are undecided at the oracle's precision cap")
      }
    }
  }

  /// Says what is wrong, unless the user wants no notes, and leaves with the status for it.
  func leave(quietly isQuiet: Bool) throws {
    if !isQuiet {
      for failure in failures { Console.note("failed: \(failure)") }
      for reason in notMeasured { Console.note("not measured: \(reason)") }
    }
    if !failures.isEmpty { throw ExitCode(Exit.failed) }
    if !notMeasured.isEmpty { throw ExitCode(Exit.notMeasured) }
  }
}
