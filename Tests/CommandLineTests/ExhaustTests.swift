import AuditRecords
import AuditReports
import Foundation
import Testing

@Suite("The exhaust command")
struct ExhaustTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let small =
    "exhaust --implementation max-trick --format float16 --domain tuples --length 2 --limit 8 --step 0.25"

  private func certificates(_ path: String) throws -> Certificates {
    try CertificatesJSON.decode(Data(contentsOf: URL(fileURLWithPath: path)), name: path)
  }

  @Test("It certifies every lane of the domain, and a witness replays")
  func certificate() async throws {
    let json = folder.path("certificate.json")
    let outcome = try await run("\(small) --json \(json)")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(outcome.output.hasPrefix("max-trick/sequential in float16\n"))
    #expect(outcome.output.contains("  lanes                 4 225\n"))
    let certificate = try #require(certificates(json).certificates.first)
    #expect(certificate.lanes == 4225 && certificate.elements == 8450)
    #expect(certificate.digest?.sha256.count == 64)
    #expect(certificate.state == nil)
    let worst = try #require(certificate.worst)
    #expect(abs(worst.ulp?.value ?? 0) == certificate.maxUlp?.value)
    let replay = try await run(String(worst.replay.dropFirst("softmax-audit ".count)))
    #expect(replay.status == 0)
    #expect(replay.lines[worst.index].contains("= \(worst.computed), exact \(worst.exact)"))
  }

  @Test("A finished checkpoint gives the same certificate; a foreign or damaged one is refused")
  func checkpoints() async throws {
    let file = folder.path("state")
    let (first, second) = (folder.path("1.json"), folder.path("2.json"))
    #expect(try await run("\(small) --checkpoint \(file) --json \(first) --threads 1").status == 0)
    #expect(try await run("\(small) --checkpoint \(file) --json \(second) --threads 2").status == 0)
    #expect(try certificates(first).certificates == certificates(second).certificates)

    let other = small.replacing("--limit 8", with: "--limit 4")
    let foreign = try await run("\(other) --checkpoint \(file)")
    #expect(foreign.status == 65)
    #expect(foreign.notes.contains("belongs to another run"))

    // The checksum tells most of it; without it, as earlier versions wrote, the content does.
    let text = try String(contentsOfFile: file, encoding: .utf8)
      .replacing(/^\{"checksum":"[^"]*",/, with: "{")
    for (damage, words) in [
      (String(text.dropLast(20)), "is not a checkpoint file"),
      (text.replacing("\"done\":[0]", with: "\"done\":[7]"), "is damaged"),
      (text.replacing(/"checksums":\["../, with: "\"checksums\":[\"ff"), "gives other outputs"),
      (text.replacing("checkpoint/1", with: "checkpoint/2"), "this version reads"),
    ] {
      #expect(damage != text)
      let path = try folder.file("damaged", Data(damage.utf8))
      let outcome = try await run("\(small) --checkpoint \(path)")
      #expect(outcome.status == 65)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
  }

  @Test("Orders of summation run together, and what gives the same outputs is shown once")
  func together() async throws {
    let names = ["max-trick/sequential", "max-trick/pairwise", "naive", "max-trick/lanes-8"]
    func command(_ names: [String]) -> String {
      small.replacing(
        "--implementation max-trick",
        with: names.map { "--implementation \($0)" }.joined(separator: " "))
    }
    let json = folder.path("together.json")
    let outcome = try await run("\(command(names)) --json \(json) --checkpoint \(json).state")
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("naive/sequential in float16\n"))
    #expect(
      outcome.output.contains(
        "  the same outputs, bit for bit: max-trick/pairwise, max-trick/lanes-8\n"))
    #expect(outcome.lines.count { $0.hasPrefix("  lanes ") } == 2)
    #expect(outcome.output.contains("\n\nmax-trick/sequential in float16\n"))
    let together = try certificates(json).certificates
    #expect(together.count == 4)
    for certificate in together {
      let path = folder.path("alone.json")
      let alone = try await run("\(command([certificate.implementation])) --json \(path)")
      #expect(alone.status == 0)
      #expect(try certificates(path).certificates == [certificate])
    }
    // The checkpoint knows all four.
    let again = try await run("\(command(names)) --checkpoint \(json).state")
    #expect(again.output == outcome.output)
  }

  @Test("A plug-in that declares nothing gets a verdict, and --judge nothing only measures")
  func undeclared() async throws {
    func exhaust(_ fault: String, _ options: [String] = []) async throws -> Outcome {
      let library = try sharedLibrary(
        of: "Tests/CommandLineTests/Plugins/planted_fault.c", named: fault, in: folder,
        flags: ["-DFAULT=\(fault)"])
      return try await run(
        [
          "exhaust", "--plugin", library, "--format", "float32", "--domain", "tuples", "--length",
          "2", "--step", "0.0625", "--limit", "4",
        ] + options)
    }
    let sound = try await exhaust("NONE")
    #expect(sound.status == 0 && sound.notes == "", "\(sound.notes)")
    #expect(sound.output.contains("  judged by             what any sound softmax keeps to\n"))
    let json = folder.path("faulty.json")
    let faulty = try await exhaust("EXP_WINDOW", ["--json", json])
    #expect(faulty.status == 1)
    #expect(faulty.output.hasPrefix("! EXP_WINDOW in float32\n"))
    #expect(
      faulty.notes.hasPrefix(
        "failed: EXP_WINDOW in float32: judged by what any sound softmax keeps to: lane "))
    let certificate = try #require(try certificates(json).certificates.first)
    let beyond = try #require(certificate.beyondTolerance)
    // exp(x) is off by 2^-18 of itself, which is 32 to 64 ulp.
    let (ulp, bound) = (beyond.ulp.map { abs($0.value) } ?? 0, beyond.bound?.value ?? 99)
    #expect(ulp > 20 && bound < 64 && ulp > bound)
    let replay = try await run(String(beyond.replay.dropFirst("softmax-audit ".count)))
    #expect(replay.lines[beyond.index].contains("= \(beyond.computed), exact \(beyond.exact)"))
    let measured = try await exhaust("EXP_WINDOW", ["--judge", "nothing"])
    #expect(measured.status == 0 && measured.notes == "")
    #expect(
      measured.output.contains("  judged by             nothing: errors were measured only\n"))
    let declared = try await exhaust("EXP_WINDOW", ["--declare", "max-trick"])
    #expect(declared.status == 1)
    #expect(declared.notes.contains("the largest error exceeds the bound"))
    #expect(try await exhaust("EXP_WINDOW", ["--judge", "nothing", "--max-ulp", "1"]).status == 64)
    // Shards are put together with the same verdict.
    var parts: [String] = []
    for shard in ["1/2", "2/2"] {
      parts.append(folder.path("part\(parts.count).json"))
      _ = try await exhaust("EXP_WINDOW", ["--shard", shard, "--json", parts[parts.count - 1]])
    }
    let merged = try await run(["merge"] + parts + ["--json", folder.path("whole.json")])
    #expect(merged.status == 1)
    #expect(
      try certificates(folder.path("whole.json")).certificates.first?.beyondTolerance == beyond)
  }

  @Test("Overflow outside the declared domain is no failure; an error above --max-ulp is one")
  func judgement() async throws {
    let naive = small.replacing("max-trick", with: "naive").replacing("limit 8", with: "limit 16")
    let outcome = try await run(naive)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("first mismatch: softmax("))
    let strict = try await run("\(small) --max-ulp 0.5")
    #expect(strict.status == 1)
    #expect(strict.notes.contains("exceed --max-ulp 0.5"))
  }

  @Test(
    "Mistakes on the command line are usage errors",
    arguments: [
      ("", "name what to exhaust"),
      ("--implementation max-trick --format float32", "more than 2^36 lanes"),
      ("--implementation max-trick --format float16 --domain differences", "need --limit"),
      ("--implementation max-trick --format float16 --domain pairs --step 1", "--step belongs"),
      ("--implementation max-trick --format float16 --shard 3/2", "use i/n"),
      ("--implementation max-trick --format float16 --lane 99999999999", "the domain has lanes"),
      ("--implementation max-trick --lane 1 --quiet", "--lane shows one lane"),
    ])
  func mistakes(options: String, words: String) async throws {
    let outcome = try await run("exhaust \(options)")
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains(words), "\(outcome.notes)")
    #expect(outcome.output == "")
  }

  @Test("What cannot be written is said before the run")
  func unwritable() async throws {
    #expect(try await run("\(small) --json /nowhere/a.json").status == 73)
    #expect(try await run("\(small) --checkpoint /nowhere/a").status == 73)
  }
}
