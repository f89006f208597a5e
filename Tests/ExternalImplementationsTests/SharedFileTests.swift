import FloatFormats
import Foundation
import Testing

@testable import AuditedOperations
@testable import ExternalImplementations

@Suite("The file shared with a worker")
struct SharedFileTests {
  @Test("What one side writes the other reads, and what is left out is still the fill")
  func exchange() throws {
    let file = try SharedFile(size: 1 << 16)
    let memory = try #require(SharedMemory(path: file.path, size: file.size))
    try [Float](arrayLiteral: 1.5, -2).withUnsafeBytes { try file.write($0, at: 0) }
    #expect(memory.start.load(as: Float.self) == 1.5)
    try file.fill(count: 16, at: 64, as: .float32)
    memory.start.storeBytes(of: 0.25, toByteOffset: 68, as: Float.self)
    var outputs = [Float](repeating: 0, count: 4)
    try outputs.withUnsafeMutableBytes { try file.read($0, at: 64) }
    #expect(outputs.map(\.isOutputFill) == [true, false, true, true])
    #expect(outputs[1] == 0.25)
  }

  @Test("A file that was cut short is rubbish in words, and no signal ends the host")
  func cutShort() throws {
    let file = try SharedFile(size: 1 << 16)
    let other = try FileHandle(forUpdating: URL(fileURLWithPath: file.path))
    try other.truncate(atOffset: 100)
    var bytes = [UInt8](repeating: 0, count: 200)
    #expect(throws: WorkerTrouble.self) {
      try bytes.withUnsafeMutableBytes { try file.read($0, at: 0) }
    }
  }
}
