import { el } from "./dom.js";
import { digits } from "./units.js";

const edge = { left: 44, right: 16, top: 20, bottom: 44 };
const tall = 320;

// Steps of a log axis: 1, 2 and 5 of each power of ten, or the powers alone where there are many.
function logSteps(low, high) {
  const all = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
    all.push(...[1, 2, 5].map(step => step * power));
  const within = all.filter(step => step >= low && step <= high);
  return within.length > 8
    ? within.filter(step => Number.isInteger(Math.log10(step) + 1e-9) || Math.abs(Math.log10(step) % 1) < 1e-9)
    : within;
}

// Points of quality against speed. points: [{ name, x, low, high, y, isBest, isDoubtful }]; they hear of focus and choice.
// The drawing is as many units wide as it has pixels, so that its words keep their size.
export function scatter(points, width, { onFocus, onChoose }) {
  if (!points.length) return null;
  const floor = Math.min(...points.map(point => point.low)) / 1.15, roof = Math.max(...points.map(point => point.high)) * 1.15;
  const ys = points.map(point => point.y);
  const bottom = Math.floor((Math.min(...ys) - 2) / 5) * 5, top = Math.ceil((Math.max(...ys) + 2) / 5) * 5;
  const x = value =>
    edge.left +
    (Math.log(value) - Math.log(floor)) / (Math.log(roof) - Math.log(floor)) * (width - edge.left - edge.right);
  const y = value => tall - edge.bottom - (value - bottom) / (top - bottom) * (tall - edge.top - edge.bottom);
  const step = top - bottom > 25 ? 10 : 5;
  const levels = [];
  for (let level = Math.ceil(bottom / step) * step; level <= top; level += step) levels.push(level);
  // Names stand beside their dots where they cover no other name and no dot; the best comes first.
  const taken = points.map(point => ({
    left: x(point.x) - 7,
    right: x(point.x) + 7,
    top: y(point.y) - 7,
    bottom: y(point.y) + 7,
  }));
  const label = (point, index) => {
    const wide = point.name.length * 6.8 + 4;
    const row = y(point.y);
    for (const left of [x(point.x) + 7, x(point.x) - wide - 3]) {
      for (const shift of [-10, 11, -22, 23]) {
        const box = { left, right: left + wide, top: row - 6 + shift, bottom: row + 6 + shift };
        if (box.left < edge.left || box.right > width - 2) continue;
        if (
          taken.some((other, place) =>
            place !== index && box.left < other.right && box.right > other.left && box.top < other.bottom &&
            box.bottom > other.top
          )
        ) continue;
        taken.push(box);
        return el("text", { x: left, y: row + 4 + shift, class: point.isBest ? "best" : null }, point.name);
      }
    }
    return null;
  };
  const nodes = points.map((point, index) => {
    const rate = `${digits(point.x)} tokens a second, ${digits(point.low)} to ${digits(point.high)}`;
    const words = `${point.name}: quality ${digits(point.y)}, ${rate}`;
    const named = label(point, index);
    return el(
      "g",
      {
        class: `point${point.isBest ? " best" : ""}${point.isDoubtful ? " uncertain" : ""}`,
        tabindex: 0,
        role: "link",
        "aria-label": words,
        onfocus: () => onFocus(index),
        onblur: () => onFocus(null),
        onmouseenter: () => onFocus(index),
        onmouseleave: () => onFocus(null),
        onclick: () => onChoose(index),
        onkeydown: event => {
          if (event.key === "Enter") onChoose(index);
        },
      },
      el("title", {}, words),
      el("line", { x1: x(point.low), x2: x(point.high), y1: y(point.y), y2: y(point.y), class: "span" }),
      el("circle", { cx: x(point.x), cy: y(point.y), r: point.isBest ? 8 : 6 }),
      named,
    );
  });
  return el(
    "svg",
    {
      class: "chart",
      viewBox: `0 0 ${width} ${tall}`,
      width,
      height: tall,
      role: "group",
      "aria-label": "Quality against speed",
    },
    levels.map(
      level => [
        el("line", { x1: edge.left, x2: width - edge.right, y1: y(level), y2: y(level), class: "grid" }),
        el("text", { x: edge.left - 6, y: y(level) + 4, class: "end" }, level),
      ],
    ),
    logSteps(floor, roof).map(
      value => [
        el("line", { x1: x(value), x2: x(value), y1: edge.top, y2: tall - edge.bottom, class: "grid" }),
        el("text", { x: x(value), y: tall - edge.bottom + 16, class: "middle" }, digits(value)),
      ],
    ),
    el("text", { x: 2, y: 12 }, "Quality"),
    el("text", { x: width - edge.right, y: tall - 8, class: "end" }, "tok/s (log)"),
    nodes,
  );
}
