#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The kind of a file that is none of those that can be read, and the way out.
enum ForeignFile {
  /// The words to stand after the name of a file that should hold one array, whatever it begins
  /// with.
  static func refusal(of bytes: Data, name: String) -> String {
    let advice = "save one array with numpy.save"
    let torch = "numpy.save(path, tensor.float().numpy()) or safetensors.torch.save_file"
    if bytes.isEmpty { return "is empty; \(advice)" }
    if ZipArchive.isArchive(bytes) {
      let names = (try? ZipArchive(parsing: bytes, name: name).names) ?? []
      if names.contains(where: { $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }) {
        return "was written by torch.save, as a pickle, which is never loaded; use \(torch)"
      }
      if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
        return "is an archive of arrays; give it the suffix .npz"
      }
      return "is a .npz or other zip archive, not a .npy file; \(advice)"
    }
    // A pickle of protocol 2 to 5; torch.save wrote such ones before it wrote archives.
    if bytes.count > 2, bytes.starts(with: [0x80]), (2...5).contains(bytes[bytes.startIndex + 1]) {
      return "is a Python pickle, which is never loaded; \(advice), from torch with \(torch)"
    }
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) { return "is an HDF5 file; \(advice)" }
    return "is not a .npy file; \(advice)"
      + (name.hasSuffix(".npy") ? "" : ", or say what it holds with --shape and --dtype")
  }
}
