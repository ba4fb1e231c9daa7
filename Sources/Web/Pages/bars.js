import { el } from "./dom.js";
import { swatch } from "./charts.js";
import { bytes, digits } from "./units.js";

const names = {
  weights: "Weights",
  kvCache: "KV cache",
  recurrentState: "Recurrent state",
  compute: "Compute buffers",
  output: "Output",
  overhead: "Engine",
};
const parts = Object.keys(names);
const amount = (device, part) => device.components[part]?.bytes ?? 0;
const most = (device, part) => device.components[part]?.high ?? amount(device, part);
const sum = (device, of) => parts.reduce((total, part) => total + of(device, part), 0);
// What an engine takes as one pool is less than its parts at their most.
const expected = device => device.total?.bytes ?? sum(device, amount);
const highest = device => device.total ? device.total.high ?? device.total.bytes : sum(device, most);

// Words are text of the page, so that they keep their size; the drawing below them is as wide as there is room.
const drawing = (words, height, ...shapes) => el("svg", {
  class: "bars", viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", height, role: "img", "aria-label": words,
}, shapes);

// The parts that occur, each with what it takes in all.
export function legend(plan) {
  const all = part => plan.devices.reduce((total, device) => total + amount(device, part), 0);
  return el("ul", { class: "legend" },
    parts.map((part, index) => all(part) ? swatch(`f${index}`, names[part], " ", el("b", {}, bytes(all(part)))) : null),
    swatch("high", "at most"));
}

// Devices in a row that hold the same and have the same room are one.
function groups(devices) {
  const found = [];
  for (const device of devices) {
    const key = JSON.stringify([parts.map(part => [amount(device, part), most(device, part)]), device.usableBytes?.bytes]);
    if (found.at(-1)?.key === key) found.at(-1).names.push(device.name);
    else found.push({ key, device, names: [device.name] });
  }
  return found;
}

// A bar for each device: what lies in it by part, what it is at most, and the room that it has.
export function memory(plan) {
  return groups(plan.devices).map(({ device, names: called }) => {
    const [low, high, room] = [expected(device), highest(device), device.usableBytes?.bytes];
    const full = Math.max(high, room ?? 0, 1);
    const scale = value => value / full * 1000;
    const name = called.length > 1 ? `${called[0]} to ${called.at(-1)}, each` : called[0];
    const words = `${bytes(low)}, at most ${bytes(high)}${room ? ` of ${bytes(room)}` : ""}`;
    let x = 0;
    return el("div", { class: "device" },
      el("p", { class: room && high > room ? "bad" : null }, el("b", {}, name), " ", words),
      drawing(`${name}: ${words}`, 24,
        el("rect", { x: 0, y: 0, width: 1000, height: 24, class: "empty" }),
        parts.map((part, index) => {
          const width = scale(amount(device, part));
          const bar = el("rect", { x, y: 0, width, height: 24, class: `f${index}` },
            el("title", {}, `${names[part]}: ${bytes(amount(device, part))}`),
          );
          x += width;
          return bar;
        }),
        el("rect", { x, y: 0, width: Math.max(scale(high) - x, 0), height: 24, class: "high" },
          el("title", {}, `At most ${bytes(high)}`),
        ),
        room && high > room ? el("line", { x1: scale(room), x2: scale(room), y1: 0, y2: 24, class: "limit" }) : null,
      ),
    );
  });
}

// The round end of a scale above a value, which rests while the value moves a little.
function scaleEnd(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return [1, 1.6, 2, 3, 4, 6, 8, 10].map(step => step * power).find(end => end >= value * 0.999);
}

// A band of what is likely, with the expected value marked, and a least that is asked for.
export function speed(figure, most, least) {
  const end = scaleEnd(most);
  const scale = value => Math.min(value / end, 1) * 1000;
  return el("div", { class: "device" },
    drawing(`${digits(figure.low)} to ${digits(figure.high)} tokens a second, expected ${digits(figure.expected)}`, 24,
      el("rect", { x: 0, y: 0, width: 1000, height: 24, class: "empty" }),
      el("rect", {
        x: scale(figure.low),
        y: 3,
        width: Math.max(scale(figure.high) - scale(figure.low), 2),
        height: 18,
        class: "band",
      }),
      el("line", { x1: scale(figure.expected), x2: scale(figure.expected), y1: 0, y2: 24, class: "expected" }),
      least && least < end
        ? el("line", { x1: scale(least), x2: scale(least), y1: 0, y2: 24, class: "least" },
          el("title", {}, `Minimum for this use: ${digits(least)} tok/s`),
        )
        : null,
    ),
    el("div", { class: "axis", "aria-hidden": "true" },
      [0, 0.25, 0.5, 0.75, 1].map(share => el("span", {}, digits(end * share))),
    ),
  );
}
