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
  return el(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${width} ${rows.length * row}`,
      role: "img",
      "aria-label": rows.map(one => one.name).join("; "),
    },
    rows.map((one, index) => {
      let x = 1;
      return el("g", {},
        el("text", { x: 1, y: index * row + 15 }, one.name),
        one.values.map((value, part) => {
          const span = value / most * (width - 2);
          const bar = el("rect", { x, y: index * row + 21, width: span, height: 16, class: `f${part}` },
            el("title", {}, `${parts[part]}: ${Math.round(value).toLocaleString("en")}`),
          );
          x += span;
          return bar;
        }),
      );
    }),
  );
}

// A color with what it stands for.
export function swatch(color, ...words) {
  return el("li", {},
    el("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, el("rect", { width: 10, height: 10, class: color })), words);
}

export function legend(parts, used) {
  return el("ul", { class: "legend" }, parts.map((part, index) => used.includes(part) ? swatch(`f${index}`, part) : null));
}

// Small lines over one time, one below the other, with the stages marked.
// Points: step, figures with seconds; series: name, title, words.
export function lines(points, series, width) {
  const height = 84, left = 2, foot = 34;
  const start = points[0]?.figures.seconds ?? 0, end = Math.max(points.at(-1)?.figures.seconds ?? 0, start + 1);
  const x = seconds => left + (seconds - start) / (end - start) * (width - left - 2);
  const stages = points.filter((point, index) => point.step !== points[index - 1]?.step);
  const now = points.at(-1)?.figures ?? {};
  const whole = series.length * height;
  let free = -Infinity;
  return el(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${width} ${whole + foot}`,
      role: "img",
      "aria-label": series.map(one => `${one.title} ${one.words(now[one.name]) ?? "not yet known"}`).join(", "),
    },
    stages.map(point =>
      el("line", { class: "stage", x1: x(point.figures.seconds), x2: x(point.figures.seconds), y1: 0, y2: whole + 4 })
    ),
    stages.map(point => {
      // A name that has no room is left out; the line stays.
      const at = x(point.figures.seconds);
      if (at < free || at + point.step.length * 7 > width && stages.length > 1 && at > width / 2) return null;
      free = at + point.step.length * 7 + 8;
      return el("text", { x: at, y: whole + 16 }, point.step);
    }),
    el("text", { x: left, y: whole + 32, class: "axis" }, `${Math.round(start)} s`),
    el("text", { x: width - 2, y: whole + 32, class: "axis", "text-anchor": "end" }, `${Math.round(end)} s`),
    series.map((one, row) => {
      const known = points.filter(point => point.figures[one.name] !== undefined);
      const most = Math.max(...known.map(point => point.figures[one.name]), 1e-9), top = row * height + 20, span = height - 28;
      const y = value => top + span - value / most * span;
      // A figure that is not known for a stage leaves a gap.
      let last = null;
      const path = points.map(point => {
        const value = point.figures[one.name];
        if (value === undefined) { last = null; return ""; }
        const move = last === point.step ? "L" : "M";
        last = point.step;
        return `${move}${x(point.figures.seconds).toFixed(1)} ${y(value).toFixed(1)}`;
      }).join("");
      return el("g", {},
        el("text", { x: left, y: row * height + 14 },
          one.title + (known.length ? `: ${one.words(known.at(-1).figures[one.name])}, at most ${one.words(most)}` : ""),
        ),
        el("line", { class: "base", x1: left, x2: width - 2, y1: top + span, y2: top + span }),
        el("path", { class: `trace t${row}`, d: path }),
      );
    }),
  );
}

// A dot with its interval for each ratio, against a line at 1.
// Rows: name, words, estimate, low, high, isGood (true, false, or nothing).
export function ratios(rows, width) {
  // Where it is narrow, what is said of a ratio has a line of its own.
  const isNarrow = width < 520,
    row = isNarrow ? 62 : 44,
    all = rows.flatMap(one => [one.low, one.high, one.estimate]).filter(value => value > 0).map(Math.log);
  const most = Math.min(Math.max(...all.map(Math.abs), Math.log(1.1)) * 1.08, Math.log(20));
  const x = value => {
    const at = Math.max(-most, Math.min(most, Math.log(Math.max(value, 1e-9))));
    return width / 2 + at / most * (width / 2 - 8);
  };
  return el(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${width} ${rows.length * row + 20}`,
      role: "img",
      "aria-label": rows.map(one => `${one.name}: ${one.words}`).join("; "),
    },
    el("line", { class: "stage", x1: width / 2, x2: width / 2, y1: 0, y2: rows.length * row }),
    rows.map((one, index) => {
      const y = (index + 1) * row - 14, kind = one.isGood === true ? "better" : one.isGood === false ? "worse" : "even";
      return el("g", { class: kind },
        el("text", { x: 1, y: index * row + 15 }, isNarrow ? one.name : `${one.name}: ${one.words}`),
        isNarrow ? el("text", { x: 1, y: index * row + 33 }, one.words) : null,
        el("line", { class: "span", x1: x(one.low), x2: x(one.high), y1: y, y2: y }),
        el("rect", { class: "dot", x: x(one.estimate) - 5, y: y - 5, width: 10, height: 10, rx: 5 }));
    }),
    el("text", { x: 1, y: rows.length * row + 15, class: "axis" }, `${Math.exp(-most).toFixed(2)}×`),
    el("text", { x: width / 2, y: rows.length * row + 15, class: "axis", "text-anchor": "middle" }, "the same"),
    el("text", { x: width - 1, y: rows.length * row + 15, class: "axis", "text-anchor": "end" },
      `${Math.exp(most).toFixed(2)}×`,
    ),
  );
}
