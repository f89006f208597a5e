import Foundation
import Mustache

/// A part of the page: its stored properties are the values that its template names.
///
/// A text comes to the template on one line and without characters that neither XML nor a reader
/// can bear, and the template turns markup in it into text; only ``Markup`` is taken as it is. A
/// property that is `nil` is an empty section, even where a part around this one has a property of
/// that name.
protocol PagePart: MustacheParent {}

extension PagePart {
  func child(named name: String) -> Any? {
    for property in Mirror(reflecting: self).children where property.label == name {
      return Self.value(property.value)
    }
    return nil
  }

  private static func value(_ value: Any) -> Any {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.map { Self.value($0.value) } ?? Absence()
    }
    switch value {
    case let text as String: return text.fitForPage
    case let texts as [String]: return texts.map(\.fitForPage)
    case is any PagePart, is [any PagePart], is Markup, is Bool, is Int: return value
    default: preconditionFailure("a part of the page holds a value of type \(type(of: value))")
    }
  }
}

/// Text of the page that is markup already: a drawing, the style, the script.
struct Markup: MustacheCustomRenderable {
  let text: String

  init(_ text: String) { self.text = text }

  var renderText: String { text }
  var isNull: Bool { false }
}

/// The value of a property that is `nil`.
private struct Absence: MustacheCustomRenderable {
  var renderText: String { "" }
  var isNull: Bool { true }
}

extension String {
  /// The text on one line, without the two characters that XML forbids and `onOneLine` keeps.
  fileprivate var fitForPage: String { onOneLine.replacing(/[\u{FFFE}\u{FFFF}]/, with: " ") }
}
