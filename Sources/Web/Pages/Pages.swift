/// The workbench's own files, which the program carries in itself.
struct Pages: Sendable {
  private struct File: Sendable {
    var bytes: [UInt8]
    var type: String
  }

  private static let html = "text/html; charset=utf-8"
  private static let css = "text/css; charset=utf-8"
  private static let js = "text/javascript; charset=utf-8"
  private static let svg = "image/svg+xml"

  private static let files: [String: File] = [
    "api.js": File(bytes: PackageResources.api_js, type: js),
    "app.js": File(bytes: PackageResources.app_js, type: js),
    "bars.js": File(bytes: PackageResources.bars_js, type: js),
    "charts.js": File(bytes: PackageResources.charts_js, type: js),
    "chat.js": File(bytes: PackageResources.chat_js, type: js),
    "controls.js": File(bytes: PackageResources.controls_js, type: js),
    "day.js": File(bytes: PackageResources.day_js, type: js),
    "deployments.js": File(bytes: PackageResources.deployments_js, type: js),
    "doctor.js": File(bytes: PackageResources.doctor_js, type: js),
    "dom.js": File(bytes: PackageResources.dom_js, type: js),
    "drop.js": File(bytes: PackageResources.drop_js, type: js),
    "icon.svg": File(bytes: PackageResources.icon_svg, type: svg),
    "index.html": File(bytes: PackageResources.index_html, type: html),
    "machine.js": File(bytes: PackageResources.machine_js, type: js),
    "measure.js": File(bytes: PackageResources.measure_js, type: js),
    "jobs.js": File(bytes: PackageResources.jobs_js, type: js),
    "plan.js": File(bytes: PackageResources.plan_js, type: js),
    "planned.js": File(bytes: PackageResources.planned_js, type: js),
    "recommend.js": File(bytes: PackageResources.recommend_js, type: js),
    "report.js": File(bytes: PackageResources.report_js, type: js),
    "runs.js": File(bytes: PackageResources.runs_js, type: js),
    "scatter.js": File(bytes: PackageResources.scatter_js, type: js),
    "size.js": File(bytes: PackageResources.size_js, type: js),
    "sized.js": File(bytes: PackageResources.sized_js, type: js),
    "style.css": File(bytes: PackageResources.style_css, type: css),
    "units.js": File(bytes: PackageResources.units_js, type: js),
  ]

  /// The file that a request is for; nil for anything else.
  func answer(_ request: WebRequest) -> WebResponse? {
    guard request.method == "GET" || request.method == "HEAD" else { return nil }
    let name = request.path.isEmpty ? "index.html" : request.path.joined(separator: "/")
    return Self.files[name].map { .bytes($0.bytes, type: $0.type) }
  }
}
