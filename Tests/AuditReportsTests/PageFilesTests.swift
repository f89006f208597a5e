import FloatFormats
import Foundation
import Testing

@testable import AuditRecords
@testable import AuditReports

@Suite("The files of the page")
struct PageFilesTests {
  /// A page on which no list is empty, so that every part of a page is on it.
  private let page: Page = {
    let counts = ToleranceInUse.all.filter { $0.covers(.float32) }.map {
      ElsewhereCount(tolerance: $0.name, judged: 16, rejected: 1, undecided: 0)
    }
    var rows: [AccuracyRow] = []
    for (name, time) in [("sound", 12.5), ("quick", 3.5)] as [(String, Figure)] {
      for length in [2, 17, 1000] {
        rows.append(
          row(name, .float32, length: length) {
            $0.nsPerElement = time
            // The quick one errs more, and not twice as much.
            $0.maxUlp = name == "sound" ? 0.5 : 0.75
            $0.worst = witness(0.5)
            $0.sample = sample
            $0.elsewhere = counts
            $0.figures[.argmaxFlips] = 1.0
          })
      }
    }
    rows.append(
      row("mismatched", .float32) {
        $0.mismatches = 1
        $0.mismatchedLanes = 1
      })
    rows.append(
      row("sound", .float32, family: "special") {
        $0.specialOutputs = [SpecialOutput(lane: .nan, answer: .nanEverywhere, lanes: 2)]
      })
    var whole = results(rows)
    whole.properties = [law("shift", "mismatched", .failed), law("bias", "mismatched", .waived)]
    // A gate has the last word on its file: the other one is judged by its rows.
    var gated = whole
    gated.gate = interestingGate
    return Page(
      ReportSources([.init(name: "a.json", results: whole), .init(name: "b.json", results: gated)]),
      hasFiles: true)
  }()

  /// The names of all properties of a part and of the parts in it, with whether they are markup.
  private func properties(_ value: Any, _ found: inout [String: Bool]) {
    let mirror = Mirror(reflecting: value)
    for child in mirror.children {
      if mirror.displayStyle == .struct, value is any PagePart, let name = child.label {
        found[name] = found[name, default: false] || child.value is Markup
      }
      properties(child.value, &found)
    }
  }

  @Test("Name properties of the page's parts, and every property is named")
  func names() {
    var found: [String: Bool] = [:]
    properties(page, &found)
    var used: Set<String> = []
    for (file, template) in PageFiles.templates {
      for tag in template.matches(of: /\{\{[{#^\/]?(?:empty\()?([a-zA-Z]+)\)?\}\}/) {
        used.insert(String(tag.1))
      }
      // Nothing else stands in braces but the current text and the parts that there are.
      let others = template.replacing(/\{\{[{#^\/]?(?:empty\()?([a-zA-Z]+)\)?\}\}\}?/, with: "")
        .replacing("{{.}}", with: "")
      for tag in others.matches(of: /\{\{(.*?)\}\}/) {
        let part = tag.1.first == ">" ? String(tag.1.dropFirst()) : ""
        #expect(PageFiles.templates[part] != nil, "\(file): \(tag.0)")
      }
    }
    #expect(used.subtracting(found.keys) == [])
    #expect(Set(found.keys).subtracting(used) == [])
  }

  @Test("Take as it is what is markup, and escape all the rest")
  func markup() {
    var found: [String: Bool] = [:]
    properties(page, &found)
    var raw: Set<String> = []
    for template in PageFiles.templates.values {
      for tag in template.matches(of: /\{\{\{([a-zA-Z]+)\}\}\}/) { raw.insert(String(tag.1)) }
      #expect(!template.contains("{{&"))
    }
    #expect(raw == ["svg", "style", "script"])
    #expect(raw == Set(found.filter(\.value).keys))
  }

  @Test("Are all compiled in, as they lie in the sources")
  func compiledIn() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/AuditReports/HTML/Page")
    func content(_ name: String) throws -> String {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let templates = PageFiles.templates.keys.map { "\($0).mustache" }
    #expect(files == (templates + ["page.css", "page.js"]).sorted())
    for (name, template) in PageFiles.templates {
      #expect(try content("\(name).mustache") == template + "\n", "\(name)")
    }
    #expect(try content("page.js") == PageFiles.script.text + "\n")
  }

  @Test("Have the same dark colours where the system asks for them and where the reader does")
  func darkColours() throws {
    let lists = PageFiles.style.text.matches(of: /\{(color-scheme:dark;[^}]*)\}/).map(\.1)
    #expect(lists.count == 2)
    #expect(Set(lists).count == 1)
    #expect(!PageFiles.style.text.contains("/*figure"))
  }

  @Test("A property that is nil hides one of the same name around it")
  func absence() {
    struct Inner: PagePart { let name: String? }
    #expect(Inner(name: "a\n\u{FFFE}b").child(named: "name") as? String == "a  b")
    #expect(Inner(name: nil).child(named: "name") != nil)
    #expect(Inner(name: nil).child(named: "other") == nil)
  }
}
