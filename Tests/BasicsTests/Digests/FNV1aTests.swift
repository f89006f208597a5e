import Testing

@testable import Basics

@Suite("The hash FNV-1a")
struct FNV1aTests {
  /// The vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c.
  @Test(
    "Is that of its authors",
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325, 0x811c_9dc5), ("a", 0xaf63_dc4c_8601_ec8c, 0xe40c_292c),
      ("foobar", 0x8594_4171_f739_67e8, 0xbf9c_f968),
    ] as [(String, UInt64, UInt32)])
  func vectors(text: String, hash: UInt64, short: UInt32) {
    var sum = FNV1a()
    sum.add(bytes: text.utf8)
    #expect(sum.value == hash)
    #expect(FNV1a.hash32(of: text.utf8) == short)
  }

  @Test("Words are added byte by byte from the lowest, or in one step")
  func words() {
    var bytes = FNV1a(salt: 3)
    var word = FNV1a(salt: 3)
    bytes.add(bytes: [0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01])
    word.add(bytesOf: 0x0102_0304_0506_0708)
    #expect(bytes.value == word.value)
    var step = FNV1a()
    step.add(UInt64(UInt8(ascii: "a")))
    #expect(step.value == 0xaf63_dc4c_8601_ec8c)
  }
}
