import Foundation
import Testing

@testable import Basics

@Suite("JSON as the standard has it")
struct StrictJSONTests {
  private func flaw(_ text: String) -> String? {
    do {
      try StrictJSON.check(Data(text.utf8))
      return nil
    } catch let DecodingError.dataCorrupted(context) {
      return context.debugDescription
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "What the standard allows is taken",
    arguments: [
      "{}", "[]", "0", "-0.5e-3", "\"\"", "null", " [1, 2.0, {\"a\": [true, false]}]\n",
      "{\"a\": {\"b\": 1}, \"b\": {\"a\": 1}}", "\"\\u00e4\\ud83d\\ude00\\n\"", "\u{FEFF}{}",
    ])
  func sound(text: String) {
    #expect(flaw(text) == nil)
    #expect(
      (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil)
  }

  @Test(
    "What it does not is refused, with the place",
    arguments: [
      ("{\"a\": 1, \"a\": 2}", "the key \"a\" appears twice, at byte 9"),
      ("{\"a\": 1, \"\\u0061\": 2}", "the key \"a\" appears twice, at byte 9"),
      ("[1, 2,]", "a comma stands before the end of an object or array, at byte 6"),
      ("{\"a\": 1, }", "a comma stands before the end of an object or array, at byte 9"),
      ("", "the text ends where a value is expected, at byte 0"),
      ("[1", "the text ends within an object or array, at byte 2"),
      ("{} {}", "text follows the document, at byte 3"),
      ("[01]", "a comma or the end of the object or array is expected, at byte 2"),
      ("[1.]", "a digit is expected, at byte 3"), ("[.5]", "a value is expected, at byte 1"),
      ("[NaN]", "a value is expected, at byte 1"),
      ("{a: 1}", "a key in quotes is expected, at byte 1"),
      ("[\"\\ud83d\"]", "half of a surrogate pair is missing, at byte 8"),
      ("\"a\nb\"", "a string holds a control character, at byte 2"),
    ])
  func flaws(text: String, message: String) {
    #expect(flaw(text) == message)
  }

  @Test("Depth has a limit, which is far from that of the stack")
  func depth() {
    let deep = { (count: Int) in
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    #expect(flaw(deep(128)) == nil)
    #expect(flaw(deep(129))?.hasPrefix("it is nested more than 128 deep") == true)
    #expect(flaw(deep(1_000_000)) != nil)
  }
}
