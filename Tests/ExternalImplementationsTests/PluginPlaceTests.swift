import Testing

@testable import ExternalImplementations

@Suite("Places of plug-ins")
struct PluginPlaceTests {
  @Test("A prefix stands behind the last colon where it can begin a C name")
  func parsing() {
    #expect(PluginPlace(parsing: "lib.so") == PluginPlace(path: "lib.so"))
    #expect(
      PluginPlace(parsing: "a/lib.so:fast_2") == PluginPlace(path: "a/lib.so", prefix: "fast_2"))
    #expect(PluginPlace(parsing: "lib:2.so") == PluginPlace(path: "lib:2.so"))
    #expect(PluginPlace(parsing: "lib.so:2x") == PluginPlace(path: "lib.so:2x"))
    #expect(PluginPlace(parsing: ":x") == PluginPlace(path: ":x"))
  }

  @Test("Names of functions begin with the prefix, and the prefix is the name of the softmax")
  func names() {
    let place = PluginPlace(path: "folder/libmine.so.1", prefix: "fast")
    #expect(place.symbol("softmax_f32") == "fast_softmax_f32")
    #expect(place.defaultName == "fast")
    #expect(PluginPlace(path: "folder/libmine.so.1").defaultName == "libmine")
  }
}
