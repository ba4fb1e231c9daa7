import { el, field, problem, select, values } from "./dom.js";
import { get, post } from "./api.js";
import { digits, seconds } from "./units.js";
import { progress } from "./jobs.js";

async function show(place, words, onLeave) {
  const [{ deployments }, { jobs }] = await Promise.all([get("/deployments"), get("/jobs?limit=20")]);
  const ready = deployments.filter(row => row.deployment.state === "ready").map(row => row.deployment.name);
  const live = el("div", {});
  if (ready.length) {
    const form = el("form", {
      onsubmit: async event => {
        event.preventDefault();
        try {
          const asked = values(form, ["requests", "inputTokens", "outputTokens"]);
          asked.concurrency = asked.concurrency.split(",").map(text => text.trim());
          asked.tags = asked.tags ? asked.tags.split(",").map(text => text.trim()) : [];
          live.replaceChildren(followed(await post("/benchmarks", asked), onLeave));
        } catch (error) { live.replaceChildren(problem(error)); }
      },
    },
      field("Deployment", select("deployment", ready, words.get("deployment") ?? ready[0])),
      field("Requests in flight, by stage", el("input", { name: "concurrency", value: "1,2,4", required: true })),
      field("Requests in each stage", el("input", { name: "requests", type: "number", min: 1, max: 100000, placeholder: "more for more load" })),
      field("Tokens of a prompt", el("input", { name: "inputTokens", type: "number", min: 2, max: 1000000, value: 128 })),
      field("Tokens of an answer", el("input", { name: "outputTokens", type: "number", min: 2, max: 1000000, value: 48 })),
      field("Tags", el("input", { name: "tags", placeholder: "nightly" })),
      el("button", {}, "Measure"));
    place.append(form);
  } else {
    place.append(el("p", { class: "soft" }, "No deployment is ready to be measured. ", el("a", { href: "#plan" }, "Plan a model to deploy it")));
  }
  place.append(live);
  const running = jobs.find(job => job.kind === "bench" && job.state === "running");
  if (running) live.append(followed(running, onLeave));
}

// A benchmark with its figures as they come.
function followed(job, onLeave) {
  const figures = el("dl", { class: "key" });
  const chart = el("figure", {});
  const rates = [];
  const result = el("div", {});
  function draw(job) {
    if (job.figures) {
      const rate = job.figures.tokensPerSecond;
      if (rate !== undefined) rates.push(rate);
      figures.replaceChildren(...[
        ["Output", rate === undefined ? null : `${digits(rate)} tok/s`], ["TTFT", seconds(job.figures.timeToFirstToken)],
        ["In flight", String(job.figures.inFlight)], ["Failed", job.figures.failed ? String(job.figures.failed) : null],
      ].filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
      chart.replaceChildren(el("figcaption", {}, "Output, tok/s"), line(rates.slice(-120), Math.min(640, chart.clientWidth || 640)));
    }
    if (job.result) {
      const run = job.result.split("/").at(-1);
      result.replaceChildren(el("p", {}, el("a", { href: `#runs?run=${run}` }, `Run ${run}`)));
    }
  }
  return el("div", {}, progress(job, onLeave, () => {}, draw), figures, chart, result);
}

function line(values, width) {
  const height = 120, most = Math.max(...values, 1);
  const x = index => values.length < 2 ? 1 : 1 + index / (values.length - 1) * (width - 2);
  const y = value => height - 4 - value / most * (height - 24);
  return el("svg", { class: "bars", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Output now ${digits(values.at(-1) ?? 0)} tokens a second, most ${digits(most)}` },
    el("text", { x: 2, y: 12 }, `${digits(most)}`),
    el("path", { class: "trace", d: values.map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("") }));
}

export default { title: "Measure", show };
