import Foundation
import SoftmaxAudit
import Testing

/// Compiles a C file of this package to a shared library.
///
/// - Parameter source: A path below the root of the package.
func sharedLibrary(
  of source: String, named name: String, in folder: TemporaryFolder, flags: [String] = []
) throws -> String {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let library = folder.path(name + ".so")
  let compiler = Process()
  compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  compiler.arguments =
    ["cc", "-O1", "-shared", "-fPIC"] + flags
    + ["-o", library, root.appendingPathComponent(source).path, "-lm"]
  try compiler.run()
  compiler.waitUntilExit()
  try #require(compiler.terminationStatus == 0, "the plug-in does not compile")
  return library
}

@Suite("Plug-ins")
struct PluginTests {
  static let faulty = "Tests/CommandLineTests/Plugins/faulty_plugin.c"
  static let example = "scripts/plugins/example_plugin.c"
  /// Two lengths by two families, a worker for each that dies.
  static let few = [
    "--length", "8", "--length", "129", "--family", "normal-4", "--family", "dust", "--samples",
    "3", "--threads", "1",
  ]

  @Test("The example passes under its own name and declared bound, isolated and in process alike")
  func example() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.example, named: "mine", in: folder)
    var figures: [String] = []
    for option in [["--time-limit", "20"], ["--in-process"]] {
      let file = folder.path("results.json")
      let outcome = try await run(
        ["audit", "--plugin", library, "--json", file] + option + Self.few)
      #expect(outcome.status == 0, "\(outcome.notes)")
      let rows = try results(in: file).accuracy
      #expect(Set(rows.map(\.implementation)) == ["example"])
      #expect(Set(rows.map(\.inputFormat)) == ["float32", "float64"])
      #expect(rows.allSatisfy { $0.bound?.model == "max-trick/sequential" && $0.failure == nil })
      figures.append("\(rows.map { [$0.maxUlp, $0.meanUlp, $0.bound?.maxRatio] })")
    }
    #expect(figures[0] == figures[1])
  }

  @Test("What a plug-in says about itself is kept with the results; its worker names the processor")
  func record() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.example, named: "mine", in: folder)
    let file = folder.path("results.json")
    try await run(
      ["audit", "--plugin", "renamed=\(library)", "--json", file, "--quiet"] + Self.few)
    let environment = try results(in: file).environment
    let known = try #require(environment.implementations?["renamed"])
    #expect(known["version"] == "1.0")
    #expect(known["processor features"] != nil)
  }

  @Test(
    "Each fault of conduct costs the run one finding with its reason, and status 1",
    arguments: [
      (
        "CRASH", "crash: the worker was ended by signal 6 (Aborted); its last words: the cat is out"
      ),
      ("EXIT", "crash: the worker exited with status 3"),
      ("REFUSAL", "refusal: it returned 7: no kernel for lanes of more than 100"),
      ("NOTHING", "24 outputs do not match, and no declared domain excuses them"),
    ])
  func faults(_ fault: String, _ complaint: String) async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
    let outcome = try await run(["audit", "--plugin", library] + Self.few)
    #expect(outcome.status == 1)
    #expect(outcome.notes.contains(complaint), "\(outcome.notes)")
  }

  @Test("A write outside the output or to the input is seen, as a fault or by what changed")
  func stray() async throws {
    for (fault, words) in [
      ("OVERRUN", "beyond the end of"), ("UNDERRUN", "before"), ("INPUT", "of its input"),
    ] {
      let folder = try TemporaryFolder()
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
      let outcome = try await run(["audit", "--plugin", library] + Self.few)
      let failures = outcome.notes.split(separator: "\n").filter { $0.hasPrefix("failed:") }
      #expect(outcome.status == 1)
      #expect(failures.count >= 2 && failures.allSatisfy { $0.contains(words) }, "\(failures)")
    }
  }

  @Test("In process, a changed input and a write outside the output are found by comparison")
  func strayInProcess() async throws {
    for (fault, words) in [
      ("OVERRUN", "the byte 0 places beyond the end of the output was changed"),
      ("INPUT", "of the input was changed"),
    ] {
      let folder = try TemporaryFolder()
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
      let outcome = try await run(["audit", "--in-process", "--plugin", library] + Self.few)
      #expect(outcome.status == 1)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
  }

  @Test(
    "Three calls that do not end in time, then the implementation is given up and the others go on")
  func hang() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "stuck", in: folder, flags: ["-DFAULT_HANG"])
    let good = try sharedLibrary(of: Self.example, named: "good", in: folder)
    let file = folder.path("results.json")
    let outcome = try await run(
      ["audit", "--plugin", library, "--plugin", good, "--time-limit", "2", "--json", file]
        + Self.few)
    #expect(outcome.status == 1)
    let rows = try results(in: file).accuracy
    let stuck = rows.filter { $0.implementation == "stuck" }
    #expect(stuck.compactMap { $0.failure?.kind } == [.hang, .hang, .hang, .notMeasured])
    #expect(stuck[0].mismatchesInDomain == stuck[0].elements && stuck[0].elements == 24)
    #expect(stuck[3].elements == 0)
    #expect(rows.filter { $0.implementation == "example" && $0.failure == nil }.count == 8)
    #expect(
      outcome.notes.contains("stuck was given up after 3 calls without an answer within 2.0 s"))
  }

  @Test(
    "What a plug-in prints goes nowhere it matters, and a copy of the worker has nothing to say")
  func harmless() async throws {
    for fault in ["PRINT", "FORK"] {
      let folder = try TemporaryFolder()
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
      let outcome = try await run(["audit", "--plugin", library] + Self.few)
      #expect(outcome.status == 0, "\(outcome.notes)")
      #expect(!outcome.output.contains("computing"))
    }
  }

  #if arch(x86_64)
    @Test(
      "A plug-in that switches to flush-to-zero is found out, and nothing else is measured by it",
      arguments: [[], ["--in-process"]])
    func flushToZero(_ option: [String]) async throws {
      let folder = try TemporaryFolder()
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_MODE"])
      let file = folder.path("results.json")
      let outcome = try await run(
        [
          "audit", "--plugin", library, "--implementation", "max-trick", "--format", "float32",
          "--json", file, "--family", "subnormal-results",
        ] + option + Self.few)
      #expect(outcome.status == 1)
      #expect(
        outcome.notes.contains(
          "since the call, results are flushed to zero, operands are flushed to zero"))
      let own = folder.path("own.json")
      try await run(
        [
          "audit", "--implementation", "max-trick", "--format", "float32", "--json", own,
          "--family", "subnormal-results",
        ] + Self.few)
      let rows = try results(in: file).accuracy.filter {
        $0.implementation == "max-trick/sequential"
      }
      let alone = try results(in: own).accuracy
      #expect(rows.map(\.maxUlpSubnormal) == alone.map(\.maxUlpSubnormal))
      #expect(alone.contains { $0.maxUlpSubnormal != nil })
    }
  #endif

  @Test("What is no plug-in is status 2 with one clear sentence, and the others are measured")
  func unloadable() async throws {
    let folder = try TemporaryFolder()
    let missing = folder.path("missing.so")
    try await run(["audit", "--plugin", missing]).expectRefusal(
      2, "there is no plug-in \(missing); check the path")
    let text = try folder.file("text.so", Data("no library\n".utf8))
    let outcome = try await run(["audit", "--plugin", text])
    #expect(outcome.status == 2)
    #expect(outcome.notes.hasPrefix("error: \(text) cannot be loaded: "), "\(outcome.notes)")

    for (fault, words) in [
      ("ABI", "is written for version 2 of the plug-in interface, this program for version 1"),
      ("JSON", "returns something else than the JSON that softmax_audit.h shows"),
      ("DESCRIPTION", "declares the model \"max-trick-of-mine\", which is not known"),
    ] {
      let library = try sharedLibrary(
        of: Self.faulty, named: fault, in: folder, flags: ["-DFAULT_\(fault)"])
      let outcome = try await run(["audit", "--plugin", library])
      #expect(outcome.status == 2)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
    let good = try sharedLibrary(of: Self.example, named: "good", in: folder)
    let both = try await run(["audit", "--plugin", missing, "--plugin", good] + Self.few)
    #expect(both.status == 2)
    #expect(both.output.contains("example"))
    #expect(both.notes == "not measured: there is no plug-in \(missing); check the path\n")
  }

  @Test("Options that do not belong together are refused")
  func refusals() async throws {
    try await run("audit --in-process").expectRefusal(
      64, "--in-process belongs to --plugin; there is none")
    try await run("audit --time-limit 3").expectRefusal(
      64,
      "--time-limit is for implementations that run in a process of their own; leave it out")
    try await run("audit --plugin a.so --time-limit 0").expectRefusal(
      64, "--time-limit 0.0: use a number of seconds above 0, at most 86400")
  }

  @Test("check takes plug-ins too, and its replays name them")
  func check() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_REFUSAL"])
    let outcome = try await run([
      "check", "--plugin", library, "--law", "answers", "--effort", "0.1",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("it returned 7"), "\(outcome.output)")
    let replay = try #require(
      outcome.output.split(separator: "\n").map(String.init).first { $0.contains("--replay") })
    let words = replay.drop { $0 != "s" }.split(separator: " ").map(String.init)
    let start = try #require(words.firstIndex(of: "check"))
    #expect(words.contains("--plugin"))
    let again = try await run(Array(words[start...]))
    #expect(again.status == 1)
    #expect(again.output.contains("it returned 7"))
  }
}
