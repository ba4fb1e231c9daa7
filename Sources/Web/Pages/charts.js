import { el } from "./dom.js";

// A bar for each step of a choice, with what is chosen above it. Steps: label, name, value, words, isAsked.
export function steps(all, width) {
  const row = 44, most = Math.max(...all.map(step => step.value ?? 0), 1), left = 2, right = 70;
  return el("svg", { class: "bars", viewBox: `0 0 ${width} ${all.length * row}`, role: "img",
    "aria-label": all.map(step => `${step.label}: ${step.name} ${step.words}`).join("; ") },
    all.map((step, index) => {
      const top = index * row, span = Math.max((step.value ?? 0) / most * (width - left - right), 1);
      return el("g", { class: step.isAsked ? "asked" : null },
        el("text", { x: left, y: top + 15 }, `${step.label}: ${step.name}${step.isAsked ? " (asked)" : ""}`),
        step.value ? el("rect", { x: left, y: top + 21, width: span, height: 16, class: step.isAsked ? "f0" : "band" }) : null,
        step.value ? el("text", { x: left + span + 6, y: top + 34 }, step.words) : null);
    }));
}

// A bar for each row, made of its parts one after the other. Rows: name, values.
export function stacks(rows, parts, width) {
  const row = 44, most = Math.max(...rows.map(one => one.values.reduce((sum, value) => sum + value, 0)), 1);
  return el("svg", { class: "bars", viewBox: `0 0 ${width} ${rows.length * row}`, role: "img", "aria-label": rows.map(one => one.name).join("; ") },
    rows.map((one, index) => {
      let x = 1;
      return el("g", {}, el("text", { x: 1, y: index * row + 15 }, one.name), one.values.map((value, part) => {
        const span = value / most * (width - 2);
        const bar = el("rect", { x, y: index * row + 21, width: span, height: 16, class: `f${part}` }, el("title", {}, `${parts[part]}: ${Math.round(value).toLocaleString("en")}`));
        x += span;
        return bar;
      }));
    }));
}

export function legend(parts, used = parts) {
  return el("ul", { class: "legend" }, parts.map((part, index) => used.includes(part) ? el("li", {},
    el("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, el("rect", { width: 10, height: 10, class: `f${index}` })), part) : null));
}
