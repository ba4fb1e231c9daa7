import { check, el, field, notice, problem, say, table, values } from "./dom.js";
import { get, part } from "./api.js";
import { report } from "./report.js";
import { digits, moment, seconds } from "./units.js";

async function show(place, words, onLeave) {
  const list = el("div", {}), detail = el("div", { "aria-live": "polite" });
  const chosen = new Set();
  const compare = el("button", { type: "button", disabled: true, onclick: () => showComparison([...chosen]) }, "Compare");
  const form = el("form", { onsubmit: event => { event.preventDefault(); update(); }, onchange: () => update() },
    field("Text", el("input", { name: "text", type: "search" })), field("Tag", el("input", { name: "tag" })),
    check("valid", "Valid ones only"),
    el("div", { class: "actions" }, el("button", { class: "plain" }, "Search"), compare));
  place.append(form, list, detail);

  async function update() {
    const asked = new URLSearchParams(values(form));
    let runs;
    try { ({ runs } = await get(`/runs?${asked}`)); } catch (error) { list.replaceChildren(problem(error)); return; }
    if (!runs.length) { list.replaceChildren(el("p", { class: "soft" }, "No run is stored, or none matches. plimsoll run MODEL makes one.")); return; }
    list.replaceChildren(table(`${runs.length} runs`, [
      ["Run", run => el("button", { class: "plain", onclick: () => showRun(run.id) }, run.id)],
      ["Compare", run => el("input", { type: "checkbox", "aria-label": `Compare ${run.id}`, checked: chosen.has(run.id), onchange: event => {
        event.stopPropagation();
        if (event.target.checked) chosen.add(run.id); else chosen.delete(run.id);
        compare.disabled = chosen.size < 2;
      } })],
      ["Started (UTC)", run => moment(run.startedAt)],
      ["Model", run => [run.model ?? "unknown", run.quantization].filter(Boolean).join(" ")],
      ["Engine", run => run.engine],
      ["Load", run => run.load],
      ["Output", run => run.outputTokensPerSecond ? `${digits(run.outputTokensPerSecond)} tok/s` : "", "n"],
      ["TTFT", run => seconds(run.timeToFirstToken), "n"],
      ["TPOT", run => seconds(run.timePerOutputToken), "n"],
      ["State", run => run.isValid ? run.status : `${run.status}, not valid`],
      ["Tags and note", run => [...run.tags.map(tag => `#${tag}`), run.note].filter(Boolean).join(" ")],
    ], runs));
    say(`${runs.length} runs`);
  }

  async function showRun(id) {
    try {
      const run = await get(`/runs/${part(id)}`);
      const quantiles = ["p50", "p90", "p95", "p99", "mean"];
      const rows = [["timeToFirstToken", "First token"], ["timePerOutputToken", "Each further token"], ["endToEnd", "Whole answer"]]
        .filter(([name]) => run.summary[name]);
      detail.replaceChildren(el("h2", {}, `Run ${run.id}`),
        notice(run.validity.ok ? "The figures are valid" : run.validity.reasons.map(reason => reason.message).join(". "), run.validity.ok ? "good" : "doubtful"),
        el("p", {}, `${digits(run.summary.outputTokensPerSecond)} tok/s, ${digits(run.summary.requestsPerSecond)} requests/s, ${run.summary.errors} errors`),
        table("Latencies", [["Latency", ([, title]) => title], ...quantiles.map(name => [name, ([key]) => seconds(run.summary[key][name]), "n"])], rows),
        ...report(`/runs/${part(run.id)}/report`, `Report on ${run.id}`));
      detail.scrollIntoView({ block: "nearest" });
    } catch (error) { detail.replaceChildren(problem(error)); }
  }

  async function showComparison(ids) {
    try {
      const comparison = await get(`/comparison?runs=${ids.map(part).join(",")}`);
      detail.replaceChildren(el("h2", {}, `Compared with ${comparison.runs[0]}`),
        ...comparison.verdicts.map((verdicts, index) => verdicts.length ? table(comparison.runs[index + 1], [
          ["Quantity", verdict => verdict.quantity], ["Stage", verdict => verdict.stage],
          ["Verdict", verdict => verdict.outcome],
          ["Ratio", verdict => verdict.ratio ? digits(verdict.ratio.estimate) : "unknown", "n"],
          ["95% interval", verdict => verdict.ratio ? `${digits(verdict.ratio.low)}–${digits(verdict.ratio.high)}` : "unknown", "n"],
        ], verdicts) : notice(`${comparison.runs[index + 1]} has no load in common with the first`, "doubtful")),
        ...report(`/comparison/report?runs=${ids.map(part).join(",")}`, `Report on ${ids.join(", ")}`));
    } catch (error) { detail.replaceChildren(problem(error)); }
  }
  await update();
  if (words.get("run")) await showRun(words.get("run"));
}

export default { title: "Runs", show };
