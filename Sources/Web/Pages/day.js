import { el, field, select } from "./dom.js";

const [width, height, top] = [480, 130, 6];
const clock = hour => `${String(hour).padStart(2, "0")}:00`;

// The load over a day: a known curve, or 24 hours that are drawn, set by keys or written. onChange hears of each change.
export function dayCurve(curves, words, onChange) {
  const written = words.get("hours")?.split(",").map(Number);
  let hours = written?.length === 24 && written.every(hour => hour >= 0) ? written : null;
  let name = hours ? "own" : curves.some(curve => curve.name === words.get("day")) ? words.get("day") : "";
  const presets = select("dayPreset", [
    ["", "not stated"],
    ...curves.map(curve => [curve.name, `${curve.name} (${curve.daysPerWeek} days a week)`]),
    ["own", "own 24 hours"],
  ], name);
  const text = el("input", { "aria-label": "Load of each hour, 24 numbers", onchange: () => write(text.value) });
  const days = el("input", {
    type: "number",
    min: 0.1,
    max: 7,
    step: "any",
    value: words.get("daysPerWeek") ?? 7,
    onchange: () => onChange(),
  });
  const fault = el("p", { class: "bad", role: "status" });
  const chart = el("svg", {
    class: "bars day",
    viewBox: `0 0 ${width} ${height + 18}`,
    role: "group",
    "aria-label": "Load over the day",
  });
  const bars = Array.from(
    { length: 24 },
    (_, hour) =>
      el("rect", {
        class: "f0",
        role: "slider",
        tabindex: hour ? -1 : 0,
        "aria-label": clock(hour),
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        x: hour * 20 + 2,
        width: 16,
        onkeydown: event => key(event, hour),
      }),
  );
  chart.append(...bars, ...[0, 6, 12, 18].map(hour => el("text", { x: hour * 20 + 2, y: height + 15 }, clock(hour))));
  const ownFields = el("div", { class: "row" }, field("Hours, from 0:00", text), field("Days a week", days));
  const figure = el("figure", {},
    el("figcaption", {}, "Load over the day, share of the busiest hour"),
    chart,
    ownFields,
    fault,
  );
  presets.addEventListener("change", () => {
    name = presets.value;
    if (name === "own" && !hours) hours = [...shown()];
    draw();
    onChange();
  });

  const shown = () => name === "own" && hours ? hours : curves.find(curve => curve.name === name)?.hours ?? Array(24).fill(1);
  function draw() {
    figure.hidden = name === "";
    ownFields.hidden = name !== "own";
    const most = Math.max(...shown()) || 1;
    shown().forEach((load, hour) => {
      const tall = Math.max(load / most * (height - top), 1), bar = bars[hour];
      bar.setAttribute("y", height - tall);
      bar.setAttribute("height", tall);
      bar.setAttribute("aria-valuenow", Math.round(load / most * 100));
      bar.setAttribute("aria-valuetext", `${Math.round(load / most * 100)}%`);
    });
    text.value = shown().map(load => Number(load.toPrecision(3))).join(" ");
    fault.textContent = "";
  }
  function set(hour, share) {
    const most = Math.max(...shown()) || 1;
    hours = shown().map(load => Number((load / most).toFixed(3)));
    hours[hour] = Math.min(1, Math.max(0, Number(share.toFixed(2))));
    name = presets.value = "own";
    draw();
  }
  function write(words) {
    const numbers = words.split(/[\s,;]+/).filter(Boolean).map(Number);
    if (numbers.length !== 24 || !numbers.every(number => number >= 0) || !numbers.some(number => number > 0)) {
      fault.textContent = `A day is 24 numbers of 0 or more; these are ${numbers.length}`;
      return;
    }
    hours = numbers;
    draw();
    onChange();
  }
  function key(event, hour) {
    const share = shown()[hour] / (Math.max(...shown()) || 1);
    const to = { ArrowUp: share + 0.05, ArrowDown: share - 0.05, PageUp: share + 0.2, PageDown: share - 0.2 }[event.key];
    const next = { ArrowLeft: hour - 1, ArrowRight: hour + 1, Home: 0, End: 23 }[event.key];
    if (to !== undefined) { set(hour, to); onChange(); } else if (next === undefined) return; else focus(next);
    event.preventDefault();
  }
  function focus(hour) {
    if (hour < 0 || hour > 23) return;
    bars.forEach((bar, index) => bar.setAttribute("tabindex", index === hour ? 0 : -1));
    bars[hour].focus();
  }
  function paint(event) {
    const box = chart.getBoundingClientRect(), scale = width / box.width;
    const hour = Math.floor((event.clientX - box.left) * scale / 20), up = (event.clientY - box.top) * scale;
    if (hour >= 0 && hour < 24) set(hour, (height - up) / (height - top));
  }
  chart.addEventListener("pointerdown", event => { chart.setPointerCapture(event.pointerId); paint(event); });
  chart.addEventListener("pointermove", event => { if (chart.hasPointerCapture(event.pointerId)) paint(event); });
  chart.addEventListener("pointerup", () => onChange());
  draw();
  return {
    node: el("div", { class: "wide" }, el("div", { class: "row" }, field("Curve", presets)), figure),
    // The fields of a question that say it.
    asked: () => name === "own" ? { hours, daysPerWeek: Number(days.value) || 7 } : name ? { day: name } : {},
  };
}
