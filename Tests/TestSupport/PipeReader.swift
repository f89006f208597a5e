import Foundation

/// Reads a pipe to its end, on a thread of its own.
///
/// A task that waits for the other end would hold a thread that the writer may need: there are as
/// many as processors.
package struct PipeReader: Sendable {
  private let stream: AsyncStream<Data>

  /// Begins to read the pipe at a path.
  package init(_ path: String) {
    let (stream, continuation) = AsyncStream<Data>.makeStream()
    self.stream = stream
    Thread.detachNewThread {
      continuation.yield(FileHandle(forReadingAtPath: path)?.readDataToEndOfFile() ?? Data())
      continuation.finish()
    }
  }

  /// All that was written, when the writer has closed its end.
  package var content: Data {
    get async {
      for await data in stream { return data }
      return Data()
    }
  }
}
