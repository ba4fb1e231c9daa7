import { el } from "./dom.js";
import { bytes } from "./units.js";

const names = { weights: "Weights", kvCache: "KV cache", recurrentState: "Recurrent state", compute: "Compute buffers", output: "Output", overhead: "Engine" };
const parts = Object.keys(names);

export function legend() {
  return el("ul", { class: "legend" }, parts.map((part, index) => el("li", {},
    el("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, el("rect", { width: 10, height: 10, class: `f${index}` })), names[part])));
}

// A bar for each device: what lies in it by part, and the room that it has.
export function memory(plan, width) {
  const devices = plan.devices;
  const amount = device => parts.reduce((sum, part) => sum + (device.components[part]?.bytes ?? 0), 0);
  const most = Math.max(...devices.map(device => Math.max(amount(device), device.usableBytes?.bytes ?? 0)), 1);
  const height = 46;
  const scale = value => value / most * (width - 2);
  const words = device => `${device.name}: ${bytes(amount(device))}${device.usableBytes ? ` of ${bytes(device.usableBytes.bytes)} usable` : ""}`;
  return el("svg", { class: "bars", viewBox: `0 0 ${width} ${devices.length * height}`, role: "img", "aria-label": devices.map(words).join("; ") },
    devices.map((device, row) => {
      let x = 1;
      const top = row * height + 18;
      const room = device.usableBytes?.bytes;
      return el("g", {},
        el("text", { x: 0, y: top - 5 }, words(device)),
        parts.map((part, index) => {
          const span = scale(device.components[part]?.bytes ?? 0);
          const bar = el("rect", { x, y: top, width: span, height: 18, class: `f${index}` },
            el("title", {}, `${names[part]}: ${bytes(device.components[part]?.bytes ?? 0)}`));
          x += span;
          return bar;
        }),
        room ? el("rect", { x: 1, y: top, width: scale(room), height: 18, class: amount(device) > room ? "over" : "room" }) : null);
    }));
}

// A band of what is likely, with the expected value marked.
export function speed(figure, most, width) {
  const scale = value => Math.min(value / most, 1) * (width - 2) + 1;
  return el("svg", { class: "bars", viewBox: `0 0 ${width} 22`, role: "img", "aria-label": `${Math.round(figure.low)} to ${Math.round(figure.high)} tokens a second` },
    el("rect", { x: scale(figure.low), y: 4, width: Math.max(scale(figure.high) - scale(figure.low), 1), height: 14, class: "band" }),
    el("line", { x1: scale(figure.expected), x2: scale(figure.expected), y1: 1, y2: 21, class: "expected" }));
}
