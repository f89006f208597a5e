import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Synchronization
import Testing

@testable import Audits

@Suite("Digests of answers")
struct AnswerDigestTests {
  private func entries(_ implementation: any SoftmaxImplementation) -> [String: String] {
    AnswerDigest.entries(of: [implementation], in: [.float32], output: nil)
  }

  @Test("It is SHA-256 of the encodings, 8 bytes each")
  func zeros() {
    let zeros = LaneFunction("zeros") { (logits: [Float]) in logits.map { _ in 0 } }
    // head -c $((512 * 17 * 8)) /dev/zero | sha256sum
    #expect(
      entries(zeros) == [
        "zeros in float32": "b5822048397cfb7e72443fbe3f37fb07bbd0b397c11177cfd71cf768d44e924a"
      ])
  }

  @Test("One output that is another by a bit makes another digest")
  func oneBit() throws {
    let calls = Mutex(0)
    func changed(_ isChanged: Bool) throws -> String? {
      let changed = LaneFunction("changed") { (logits: [Float]) in
        let place = calls.withLock { calls in
          calls += 1
          return calls
        }
        var outputs = logits.map { $0 / 64 }
        if isChanged, place % 512 == 300 { outputs[3] = outputs[3].nextUp }
        return outputs
      }
      calls.withLock { $0 = 0 }
      return entries(changed)["changed in float32"]
    }
    let (without, with) = try (changed(false), changed(true))
    #expect(without != nil && with != nil && without != with)
  }

  @Test("Variants that round otherwise are told apart, and each is like itself")
  func variants() {
    let digests = BuiltInImplementation.all.prefix(6).map { entries($0) }
    #expect(digests == BuiltInImplementation.all.prefix(6).map { entries($0) })
    #expect(Set(digests.compactMap(\.values.first)).count >= 2)
    #expect(digests.allSatisfy { $0.count == 1 })
  }

  @Test("What answers in two ways, refuses, or takes more than logits has none")
  func without() throws {
    let calls = Mutex(Float(0))
    let restless = LaneFunction("restless") { (logits: [Float]) in
      let number = calls.withLock { calls in
        calls += 1
        return calls
      }
      return logits.map { _ in number }
    }
    #expect(entries(restless).isEmpty)
    struct Refusal: Error {}
    let silent = LaneFunction("silent") { (logits: [Float]) in throw Refusal() }
    #expect(entries(silent).isEmpty)
    let gradient = BuiltInImplementation.all(of: .softmaxVJP)[0]
    #expect(entries(gradient).isEmpty)
  }
}
