import FloatFormats
import Foundation
import Testing

@testable import AuditRecords

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
  static let example = "scripts/examples/plugins/example_plugin.c"
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
      #expect(Set(rows.map(\.inputFormat)) == [.float32, .float64])
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
      ("NOTHING", "24 of 24 outputs are never written\n"),
    ])
  func faults(_ fault: String, _ complaint: String) async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
    let outcome = try await run(["audit", "--plugin", library] + Self.few)
    #expect(outcome.status == 1)
    #expect(outcome.notes.contains(complaint), "\(outcome.notes)")
  }

  @Test(
    "What is never written is told as that in every format, isolated and in process, from both tiers"
  )
  func unwritten() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: "Tests/CommandLineTests/Plugins/silent_plugin.c", named: "silent", in: folder)
    for options in [[], ["--in-process"], ["--oracle", "mpfr"]] {
      let file = folder.path("results.json")
      let outcome = try await run(
        ["audit", "--plugin", library, "--json", file] + options + Self.few)
      #expect(outcome.status == 1)
      #expect(outcome.notes.contains("24 of 24 outputs are never written\n"), "\(outcome.notes)")
      let rows = try results(in: file).accuracy
      #expect(Set(rows.map(\.inputFormat)).count == 4)
      #expect(rows.allSatisfy { $0.mismatchKinds?.unwritten == $0.elements }, "\(options)")
    }
  }

  @Test("What a plug-in exports and nobody asks for is said once, and not to those who choose")
  func others() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: "Tests/CommandLineTests/Plugins/silent_plugin.c", named: "silent", in: folder)
    let sentence =
      "note: silent also has float32 to bfloat16: not measured; ask for it with --output-format\n"
    for command in [["audit"] + Self.few, ["check", "--law", "single", "--effort", "0.1"]] {
      let plain = try await run(command + ["--plugin", library])
      #expect(plain.notes.components(separatedBy: sentence).count == 2, "\(plain.notes)")
      let asked = try await run(command + ["--plugin", library, "--format", "float32"])
      #expect(asked.notes.contains(sentence), "\(asked.notes)")
      for options in [
        ["--format", "float64"], ["--format", "float32", "--output-format", "bfloat16"],
        ["--quiet"],
      ] {
        let chosen = try await run(command + ["--plugin", library] + options)
        #expect(!chosen.notes.contains("also has"), "\(options): \(chosen.notes)")
      }
    }
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
      #expect(!failures.isEmpty && failures.allSatisfy { $0.contains(words) }, "\(failures)")
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

  @Test("A plug-in that hangs while it is loaded is told of, and nothing is waited for")
  func constructor() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_CONSTRUCTOR"])
    let outcome = try await run(["audit", "--plugin", library, "--time-limit", "1"], limit: 100)
    #expect(outcome.status == 2)
    #expect(outcome.notes.contains("was not loaded within 3.0 s"), "\(outcome.notes)")
  }

  @Test("A kernel that crashes in each call is not tried for ever, and its law says so")
  func crashes() async throws {
    let folder = try TemporaryFolder()
    for (fault, reason) in [
      ("CRASH", "was ended by signal 6"), ("CLOSE", "the worker exited with status 0"),
    ] {
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
      let file = folder.path("results.json")
      let outcome = try await run([
        "check", "--plugin", library, "--law", "range", "--law", "answers", "--json", file,
      ])
      #expect(outcome.status == 1)
      let rows = try results(in: file).properties
      #expect(rows.count == 2 && rows.allSatisfy { $0.verdict == .failed })
      for row in rows {
        #expect(row.reason?.contains(reason) == true, "\(row.reason ?? "")")
        #expect(
          row.reason?.contains("not tried further after 3 calls that crashed or hung") == true)
        #expect(row.cases <= 4)
      }
      // One of the laws looks for the simplest case that crashes.
      #expect(rows.first { $0.law == "answers" }?.counterexample?.logits.count == 1)
    }
  }

  @Test("A worker that closes its output and lives on is given up as one that hangs is")
  func silence() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_SILENCE"])
    let outcome = try await run(["audit", "--plugin", library] + Self.few)
    #expect(outcome.status == 1)
    // Three times, and the fourth cell is not called any more.
    #expect(outcome.notes.contains("crash: the worker"), "\(outcome.notes)")
  }

  @Test(
    "In process, a plug-in that ends the program ends it with a message and status 70",
    arguments: ["EXIT_0", "EXIT_AT_ONCE"])
  func exitInProcess(_ fault: String) async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_\(fault)"])
    for command in ["audit", "check"] {
      let outcome = try await run([command, "--in-process", "--plugin", library])
      #expect(outcome.status == 70)
      #expect(
        outcome.notes
          == "error: a plug-in that is called in this process ended it; leave --in-process out to see where\n"
      )
    }
  }

  @Test("An error text of megabytes is cut, and what a terminal or build server obeys is shown")
  func text() async throws {
    let folder = try TemporaryFolder()
    let long = try sharedLibrary(
      of: Self.faulty, named: "long", in: folder, flags: ["-DFAULT_LONG_ERROR"])
    for options in [[], ["--in-process"]] {
      let outcome = try await run(["audit", "--plugin", long] + options + Self.few)
      #expect(outcome.status == 1)
      #expect(outcome.notes.contains("refusal: it returned 3: aaaaaa aaaaaa"))
      #expect(outcome.notes.utf8.count < 20_000)
    }
    let escapes = try sharedLibrary(
      of: Self.faulty, named: "escapes", in: folder, flags: ["-DFAULT_ESCAPES"])
    let outcome = try await run(["audit", "--plugin", escapes] + Self.few)
    #expect(!outcome.notes.contains("\u{1B}") && !outcome.notes.contains("\n::"))
    #expect(
      outcome.notes.contains("its last words: \\u{1B}[31mred | \\::error::obeyed"),
      "\(outcome.notes)")
  }

  @Test("An input that is changed behind a protection is seen, in a worker too")
  func hiddenInput() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_HIDDEN_INPUT"])
    let outcome = try await run(["audit", "--plugin", library] + Self.few)
    #expect(outcome.status == 1)
    #expect(outcome.notes.contains("element 0 of the input was changed"), "\(outcome.notes)")
  }

  #if arch(x86_64)
    @Test("An aligned store to an address that is not aligned is told as what it is")
    func alignment() async throws {
      let folder = try TemporaryFolder()
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_ALIGNMENT"])
      let outcome = try await run(["check", "--plugin", library, "--law", "layout"])
      #expect(outcome.status == 1)
      #expect(
        outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
          .contains("it used an address as if it were aligned"), "\(outcome.output)")
    }

    @Test("In process, a description that switches to flush-to-zero changes no figure")
    func modeInDescription() async throws {
      let folder = try TemporaryFolder()
      let library = try sharedLibrary(
        of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_MODE_IN_DESCRIPTION"])
      let outcome = try await run(
        ["audit", "--in-process", "--plugin", library, "--implementation", "max-trick"]
          + ["--format", "float32"] + Self.few)
      #expect(outcome.status == 0, "\(outcome.notes)")
    }
  #endif

  @Test("A description with an unknown key, and the name of a built-in implementation, are refused")
  func descriptions() async throws {
    let folder = try TemporaryFolder()
    let misspelt = try sharedLibrary(
      of: Self.faulty, named: "misspelt", in: folder, flags: ["-DFAULT_MISSPELT"])
    let outcome = try await run(["audit", "--plugin", misspelt])
    #expect(outcome.status == 2)
    #expect(outcome.notes.contains("has the unknown key \"modle\"; there are"), "\(outcome.notes)")

    let named = try sharedLibrary(
      of: Self.faulty, named: "named", in: folder, flags: ["-DFAULT_NAME"])
    try await run(["audit", "--plugin", named]).expectRefusal(
      64,
      "--plugin \(named) is called max-trick/sequential, as a built-in implementation is; give it another name, as in --plugin other=\(named)"
    )
    let renamed = try await run(["audit", "--plugin", "other=\(named)"] + Self.few)
    #expect(renamed.status == 0, "\(renamed.notes)")
  }

  @Test("A name that is given twice is refused with the way to give another")
  func sameName() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(of: Self.faulty, named: "mine", in: folder)
    try await run(["audit", "--plugin", "a=\(library)", "--plugin", "a=\(library)"]).expectRefusal(
      64,
      "two implementations are called a; give one another name, as in --plugin other=\(library)")
  }

  @Test("Two softmaxes of one library are told apart by what their names begin with")
  func prefixes() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "mine", in: folder, flags: ["-DFAULT_CRASH"])
    let outcome = try await run(
      ["audit", "--plugin", "\(library):second", "--plugin", "again=\(library):second"] + Self.few)
    #expect(outcome.status == 0, "\(outcome.notes)")
    #expect(outcome.output.contains("second") && outcome.output.contains("again"))
    let third = try await run(["audit", "--plugin", "\(library):third"])
    #expect(third.status == 2)
    #expect(third.notes.contains("it exports none of third_softmax_f16, "), "\(third.notes)")
  }

  @Test("Nothing is asked outside the domain that a plug-in describes, and that is said")
  func domain() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "narrow", in: folder, flags: ["-DNARROW"])
    let file = folder.path("results.json")
    let audit = try await run(["audit", "--plugin", library, "--json", file, "--samples", "2"])
    #expect(audit.status == 0, "\(audit.notes)")
    #expect(
      audit.notes.contains(
        "not asked: narrow by its own description: lengths that are no multiple of 8; "))
    let lengths = Set(try results(in: file).accuracy.map(\.length))
    #expect(lengths.contains(1000) && lengths.contains(1024))
    #expect(lengths.filter { $0 % 8 != 0 || $0 > 1024 } == [])

    let check = try await run(["check", "--plugin", library, "--effort", "0.2"])
    #expect(!check.output.contains("it returned"), "\(check.output)")
    let literal = try await run(["audit", "--plugin", library, "--length", "17", "--length", "8"])
    #expect(literal.status == 2)
    #expect(literal.notes.contains("narrow is by its own description not made for lanes of 17"))
  }

  @Test("Where nothing at all is asked of a plug-in nothing was checked, and that is no pass")
  func nothingAsked() async throws {
    let folder = try TemporaryFolder()
    let library = try sharedLibrary(
      of: Self.faulty, named: "narrow", in: folder, flags: ["-DNARROW"])
    let start = ["check", "--plugin", library, "--effort", "0.1"]
    // Lanes of one logit are no multiple of 8.
    let glob = try await run(start + ["--law", "singl*"])
    #expect(glob.status == 2)
    #expect(
      glob.notes.contains(
        "not measured: nothing was checked of narrow in float32: none of these laws applies to it, "
      ), "\(glob.notes)")
    let named = try await run(start + ["--law", "single"])
    #expect(named.status == 2)
    #expect(named.output.contains("single was not measured: no case of the law"))

    // A shard that is not asked anything has done its part; the whole is what counts.
    for (laws, status) in [(["range", "singl*"], 0), (["singl*"], 2)] as [([String], Int32)] {
      let selection = laws.flatMap { ["--law", $0] }
      let (whole, merged) = (folder.path("whole.json"), folder.path("merged.json"))
      #expect(try await run(start + selection + ["--json", whole]).status == status)
      var files: [String] = []
      for number in 1...2 {
        files.append(folder.path("\(number).json"))
        let shard = try await run(
          start + selection + ["--shard", "\(number)/2", "--json", files[number - 1]])
        #expect(shard.status == 0, "\(number): \(shard.notes)")
      }
      let outcome = try await run(["merge"] + files + ["--json", merged])
      #expect(outcome.status == status, "\(outcome.notes)")
      #expect(outcome.notes.contains("nothing was checked of narrow") == (status == 2))
      #expect(try results(in: merged).properties == results(in: whole).properties)
    }
  }

  @Test("After the time for the whole run nothing more is begun, and that is no pass")
  func totalTime() async throws {
    for command in [
      "audit --implementation max-trick --total-time 1e-9",
      "check --implementation max-trick --law range --total-time 1e-9",
      "infer --implementation max-trick --format float32 --total-time 1e-9",
    ] {
      let outcome = try await run(command)
      #expect(outcome.status == 2, "\(command)")
      #expect(
        (outcome.notes + outcome.output).replacing("\n", with: " ").contains(
          "of --total-time were over"),
        "\(command): \(outcome.notes)")
    }
    try await run("audit --implementation max-trick --total-time 0").expectRefusal(
      64, "--total-time 0.0: use a number of seconds above 0, at most 1000000000")
  }

  @Test("An option that takes one value and is given two is a mistake, whatever the values")
  func repeated() async throws {
    try await run("audit --implementation max-trick --json a.json --json b.json").expectRefusal(
      64, "--json was given 2 times and takes one value; keep one of them")
    try await run("gate --policy a --policy=b --markdown c --markdown c").expectRefusal(
      64,
      "--policy was given 2 times and takes one value; keep one of them\nerror: --markdown was given 2 times and takes one value; keep one of them"
    )
    let several = try await run(
      "audit --implementation max-trick --format float32 --format float16 --length 1")
    #expect(several.status == 0, "\(several.notes)")
  }

  @Test("A worker in any language is started by its command, and tensors reach it in messages")
  func command() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let script = root.appendingPathComponent("scripts/examples/plugins/example_worker.py").path
    let folder = try TemporaryFolder()
    let file = folder.path("results.json")
    let outcome = try await run(
      ["audit", "--worker", "mine=python3 '\(script)'", "--json", file, "--length", "70000"]
        + Self.few)
    #expect(outcome.status == 0, "\(outcome.notes)")
    let rows = try results(in: file).accuracy
    #expect(rows.count == 6)
    #expect(rows.filter { $0.failure != nil }.isEmpty)
    #expect(Set(rows.map(\.implementation)) == ["mine"])
    #expect(Set(rows.map(\.inputFormat)) == [.float64])
    // The difference from the largest logit, below 64 here, is off by half an ulp of its own: by 32
    // ulp of the result.
    #expect(rows.filter { $0.maxUlp.map { $0.value > 40 } ?? true }.isEmpty)

    let none = try await run(["audit", "--worker", "mine=false"])
    #expect(none.status == 2)
    #expect(none.notes.contains("mine cannot be loaded: the worker exited with status 1"))
  }
}
