import { el, notice } from "./dom.js";

// Whether a run's figures are valid, and why not.
export function validity({ validity: { ok, reasons } }) {
  return notice(ok ? "The figures are valid" : reasons.map(reason => reason.message).join(". "), ok ? "good" : "doubtful");
}

// A report in a frame that has no rights, and as files.
export function report(path, title, heading = "Report") {
  const address = words => `/api/v1${path}${path.includes("?") ? "&" : "?"}${words}`;
  return [
    el("h2", {}, heading),
    el("p", { class: "actions" },
      [["html", "HTML"], ["md", "Markdown"], ["json", "JSON"], ["csv", "CSV"]].map(([format, name]) =>
        el("a", { href: address(`format=${format}&download=true`), download: true, class: "file" }, name)
      ),
    ),
    el("iframe", { sandbox: true, title, src: address("format=html") }),
  ];
}
