import Basics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory for one operand of a call, between pages that nobody may touch, its slack filled with a
/// pattern.
///
/// What goes beyond by a little changes the pattern; what goes beyond the page ends the process.
final class FencedBuffer {
  /// The place of an operand in the buffer.
  enum Place: Equatable {
    /// Its last byte is the last before the fence, as far as its address is a multiple of the
    /// alignment in bytes: one element too far ends the process.
    case atEnd(alignment: Int)
    /// Its first byte is the first after the fence.
    case atStart
    /// So many bytes after the start of a page.
    case inside(offset: Int)
  }

  private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
  private static let pattern: UInt8 = 0xA5
  /// The number of bytes of the slack on each side that are watched.
  private static let watchedSlack = 4096

  private var body: UnsafeMutableRawPointer?
  private var bodySize = 0
  /// The operand of the call at hand.
  private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// The beginning of the operand; `nil` where it has no bytes.
  var mutablePointer: UnsafeMutableRawPointer? { bytes.isEmpty ? nil : bytes.baseAddress }
  /// The beginning of the operand; `nil` where it has no bytes.
  var pointer: UnsafeRawPointer? { mutablePointer.map { UnsafeRawPointer($0) } }

  private var slackBefore = 0
  private var slackAfter = 0

  deinit { release() }

  private func release() {
    if let body { munmap(body - Self.pageSize, bodySize + 2 * Self.pageSize) }
    body = nil
    bodySize = 0
  }

  /// Makes room for an operand of the call that follows.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` where the system has no memory.
  func place(_ size: Int, at place: Place) throws(UserError) {
    let needed = size + 2 * Self.watchedSlack
    if bodySize < needed || body == nil {
      release()
      let pages = (needed + Self.pageSize - 1) / Self.pageSize * 2
      let whole = (pages + 2) * Self.pageSize
      guard let start = mmap(nil, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        start != MAP_FAILED
      else { throw UserError(.notMeasured, "there is no memory for a tensor of \(size) bytes") }
      body = start + Self.pageSize
      bodySize = pages * Self.pageSize
      mprotect(start + Self.pageSize, bodySize, PROT_READ | PROT_WRITE)
    }
    guard let body else { return }
    let offset =
      switch place {
      case .atEnd(let alignment): (bodySize - size) / alignment * alignment
      case .atStart: 0
      case .inside(let offset): Self.watchedSlack + offset
      }
    bytes = UnsafeMutableRawBufferPointer(start: body + offset, count: size)
    slackBefore = min(offset, Self.watchedSlack)
    slackAfter = min(bodySize - offset - size, Self.watchedSlack)
    memset(body + offset - slackBefore, Int32(Self.pattern), slackBefore)
    memset(body + offset + size, Int32(Self.pattern), slackAfter)
  }

  /// Forbids or allows writing to the whole buffer.
  func setReadOnly(_ isReadOnly: Bool) {
    guard let body else { return }
    mprotect(body, bodySize, isReadOnly ? PROT_READ : PROT_READ | PROT_WRITE)
  }

  /// The place around the operand whose pattern has changed, in words; `nil` where none has.
  func change(around operand: String) -> String? {
    guard let start = bytes.baseAddress else { return nil }
    let after = UnsafeRawBufferPointer(start: start + bytes.count, count: slackAfter)
    if let index = after.firstIndex(where: { $0 != Self.pattern }) {
      return "the byte \(index) places beyond the end of the \(operand) was changed"
    }
    let before = UnsafeRawBufferPointer(start: start - slackBefore, count: slackBefore)
    if let index = before.lastIndex(where: { $0 != Self.pattern }) {
      return "the byte \(slackBefore - index) places before the \(operand) was changed"
    }
    return nil
  }
}
