import Foundation
import TestSupport
import Testing

@testable import AuditRecords

@Suite("Outputs of all commands")
struct OutputTests {
  private static let audit =
    "audit --implementation max-trick --format float32 --family normal-1 --length 10 --samples 1"

  private func arguments(_ text: String) -> [String] {
    text.split(separator: " ").map(String.init)
  }

  private func kind(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  @Test("A - is standard output, and the table goes to standard error then")
  func standardOutput() async throws {
    for path in ["-", "/dev/stdout"] {
      let outcome = try await run("\(Self.audit) --json \(path)")
      #expect(outcome.status == 0)
      let document =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      #expect(document?["schema"] as? String == "softmax-audit/results/1")
      #expect(outcome.notes.contains("max-trick/sequential"))
      #expect(outcome.notes.contains("1 combination of implementation and format"))
    }
    let quiet = try await run("\(Self.audit) --json - --quiet")
    #expect(quiet.notes == "")
    #expect(quiet.output.hasPrefix("{\""))
  }

  @Test("A pipe, as of a process substitution, gets the document and stays a pipe")
  func pipes() async throws {
    let folder = try TemporaryFolder()
    let pipe = folder.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    let reading = PipeReader(pipe)
    let outcome = try await run("\(Self.audit) --json \(pipe) --quiet")
    #expect(outcome.status == 0)
    #expect(await reading.content.starts(with: Data("{\"".utf8)))
    #expect(kind(pipe) == S_IFIFO)
  }

  @Test("Links, modes and what was there are kept")
  func keeping() async throws {
    let folder = try TemporaryFolder()
    let target = try folder.file("target.json", Data("old".utf8))
    #expect(symlink("target.json", folder.path("link.json")) == 0)
    #expect(chmod(target, 0o600) == 0)
    let outcome = try await run("\(Self.audit) --json \(folder.path("link.json")) --quiet")
    #expect(outcome.status == 0)
    #expect(kind(folder.path("link.json")) == S_IFLNK)
    var status = stat()
    #expect(stat(target, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    #expect(try results(in: target).accuracy.count == 1)
    #expect(try folder.contents == ["link.json", "target.json"])
  }

  @Test(
    "One place for two outputs is a usage error before anything is measured",
    arguments: [
      ("audit --json F/x --report F/x", "--json and --report both write to F/x"),
      ("gate --policy F/p --json F/x --sarif F/./x", "--json and --sarif both write to F/./x"),
      (
        "gate --policy F/p --json - --junit /dev/stdout",
        "--json and --junit both write to /dev/stdout"
      ),
      (
        "gate --policy F/p --write-baseline F/p",
        "--write-baseline would write over F/p, which is read"
      ),
      ("audit --logits F/p --json F/p", "--json would write over F/p, which is read"),
      ("compare F/p F/p --markdown F/p", "--markdown would write over F/p, which is read"),
      ("merge F/p --json F/p", "--json would write over F/p, which is read"),
      ("verify --claims F/p --json F/p", "--json would write over F/p, which is read"),
      ("report F/p --output F/p", "--output would write over F/p, which is read"),
      ("reference --logits F/p --output F/p", "--output would write over F/p, which is read"),
      ("audit --plugin mine=F/p --json F/p", "--json would write over mine=F/p, which is read"),
      ("audit --report=-", "--report -: standard output can take one file only"),
      (
        "exhaust --implementation max-trick --checkpoint=-",
        "--checkpoint -: standard output can take one file only"
      ),
    ])
  func refusals(command: String, message: String) async throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("p", Data("kept".utf8))
    let place = { (text: String) in text.replacing("F/", with: folder.url.path + "/") }
    let outcome = try await run(place(command))
    #expect([64, 65].contains(outcome.status))
    #expect(outcome.output == "")
    #expect(outcome.notes.contains(place(message)), "\(outcome.notes)")
    #expect(try folder.contents == ["p"])
    #expect(try String(contentsOfFile: folder.path("p"), encoding: .utf8) == "kept")
  }

  @Test("An empty path is a usage error", arguments: ["--json", "--report"])
  func emptyPaths(option: String) async throws {
    try await run(["audit", option, ""]).expectRefusal(
      64, "\(option) '': the path is empty; name a place")
  }

  @Test("A signal leaves nothing behind")
  func signals() async throws {
    for number in [SIGTERM, SIGINT] {
      let folder = try TemporaryFolder()
      let process = Process()
      process.executableURL = builtProgram
      process.arguments = arguments(
        "export \(folder.path("inputs")) --format float64 --family normal-1 --length 1000000 --samples 40"
      )
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // Somewhere in the middle, or at the end: nothing may be there but whole files.
      try await Task.sleep(for: .milliseconds(400))
      kill(process.processIdentifier, number)
      await Task.detached { process.waitUntilExit() }.value
      let inputs = folder.path("inputs")
      let left = (try? FileManager.default.contentsOfDirectory(atPath: inputs)) ?? []
      #expect(left.allSatisfy { $0.hasSuffix(".npy") || $0 == "manifest.json" }, "\(left)")
    }
  }

  #if os(Linux)
    @Test("Every kind of output is whole though the system writes it in small parts")
    func shortWrites() async throws {
      let folder = try TemporaryFolder()
      let source = try folder.file(
        "short.c",
        Data(
          """
          #define _GNU_SOURCE
          #include <dlfcn.h>
          #include <errno.h>
          #include <unistd.h>
          ssize_t write(int file, const void *bytes, size_t count) {
            static ssize_t (*real)(int, const void *, size_t);
            static unsigned calls;
            if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
            if (file > 2 && ++calls % 5 == 0) { errno = EINTR; return -1; }
            return real(file, bytes, file > 2 && count > 1000 ? 1000 - calls % 7 : count);
          }
          """.utf8))
      let library = folder.path("short.so")
      let compiled = try await run(
        program: "/usr/bin/env",
        ["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
      #expect(compiled.status == 0, "\(compiled.notes)")
      let commands = [
        "\(Self.audit) --quiet --json D/audit.json --report D/report",
        "export D/inputs --format float64 --family normal-1 --length 5000 --samples 4",
        "report D/report/results.json --as html --output D/page.html",
        "reference --logits D/inputs/float64-normal-1-5000.npy --output D/golden.npy",
      ]
      var made: [[String: Data]] = []
      for preload in ["", library] {
        let place = try TemporaryFolder()
        for command in commands {
          let outcome = try await run(
            arguments(command.replacing("D/", with: place.url.path + "/")),
            environment: preload.isEmpty ? [:] : ["LD_PRELOAD": preload])
          #expect(outcome.status == 0, "\(outcome.notes)")
        }
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: place.url.path)
        where name.hasSuffix(".npy") || name.hasSuffix(".svg") {
          files[name] = FileManager.default.contents(atPath: place.path(name))
        }
        made.append(files)
        // Times and paths differ from run to run; that a document can be read says that it is
        // whole.
        _ = try results(in: place.path("audit.json"))
        _ = try results(in: place.path("report/results.json"))
        for page in ["page.html", "report/report.html"] {
          let text = try String(contentsOfFile: place.path(page), encoding: .utf8)
          #expect(text.hasPrefix("<!doctype html>") || text.hasPrefix("<!DOCTYPE html>"))
          #expect(text.hasSuffix("</html>\n"))
        }
      }
      #expect(
        made[0].filter { $0.key.hasSuffix(".npy") } == made[1].filter { $0.key.hasSuffix(".npy") })
      #expect(made[0].keys.sorted() == made[1].keys.sorted())
    }
  #endif
}
