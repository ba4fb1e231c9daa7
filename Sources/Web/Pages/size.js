import { el, field, key, notice, problem, say, select, table, values } from "./dom.js";
import { post } from "./api.js";
import { bytes, digits, seconds } from "./units.js";

const money = (amount, currency) => amount === undefined || amount === null ? "" : `${currency} ${digits(amount)}`;
const percent = share => share === undefined || share === null ? "unknown" : share >= 0.995 ? "over 99%" : `${Math.floor(share * 100 + 1e-9)}%`;

async function show(place, words) {
  const answer = el("div", {});
  const number = (name, more = {}) => el("input", { name, type: "number", step: "any", ...more });
  const form = el("form", { onsubmit: event => { event.preventDefault(); update(); } },
    field("Model", el("input", { name: "model", required: true, value: words.get("model") ?? "llama-3.1-70b" })),
    field("Workload", select("workload", ["chat", "retrieval", "code-completion", "summarization", "batch"], "chat")),
    field("Load", select("load", [["users", "users"], ["concurrency", "requests in flight"], ["rate", "requests a second"]])),
    field("Amount", number("amount", { value: 200, min: 0.001, required: true })),
    field("Tokens of a prompt", number("inputTokens", { min: 1, placeholder: "of the workload" })),
    field("Tokens of an answer", number("outputTokens", { min: 1, placeholder: "of the workload" })),
    field("Target for the first token, s", number("timeToFirstToken", { min: 0.001, placeholder: "of the workload" })),
    field("Target for each further token, s", number("timePerOutputToken", { min: 0.0001, placeholder: "of the workload" })),
    field("Confidence", select("confidence", [["0.5", "50%"], ["0.8", "80%"], ["0.9", "90%"], ["0.95", "95%"]], "0.8")),
    field("Growth, factor", number("growth", { min: 1, placeholder: "1" })),
    field("Spare boxes", number("spare", { min: 0, max: 64, placeholder: "0" })),
    field("Years", number("years", { min: 0.1, max: 20, placeholder: "3" })),
    field("Only machines (one a line)", el("textarea", { name: "machines", rows: 2, placeholder: "h100-sxm5-80gb" })),
    el("button", {}, "Size"));
  place.append(form, answer);
  const numbers = ["amount", "inputTokens", "outputTokens", "timeToFirstToken", "timePerOutputToken", "confidence", "growth", "spare", "years"];
  let asking = null;
  async function update() {
    asking?.abort();
    asking = new AbortController();
    answer.classList.add("busy");
    say("Sizing");
    try {
      const asked = values(form, numbers);
      asked.machines = asked.machines?.split("\n").map(line => line.trim()).filter(Boolean);
      asked.study = true;
      const sizing = await post("/size", asked, asking.signal);
      answer.replaceChildren(...rows(sizing, Math.min(640, answer.clientWidth || 640)));
      say(`${sizing.options.length} options`);
    } catch (error) {
      if (error.name === "AbortError") return;
      answer.replaceChildren(problem(error));
    }
    answer.classList.remove("busy");
  }
}

function name(option) {
  return `${option.boxes} × ${option.box ?? `${option.acceleratorsPerBox}x ${option.machine}`}`;
}

function total(option) {
  const lines = option.costs?.lines ?? [];
  return lines.length ? Math.min(...lines.map(line => line.total)) : option.price === undefined ? undefined : option.price * option.boxes;
}

function rows(sizing, width) {
  const currency = sizing.costs?.currency ?? "USD";
  const best = sizing.options.find(option => option.isConfident !== false) ?? sizing.options[0];
  const shown = [];
  if (!best) shown.push(notice(`No machine holds ${sizing.model} under this load`));
  else {
    shown.push(notice(`${name(best)} with ${best.quantization} on ${best.engine} hold it with ${percent(best.probability)} probability`, best.isConfident === false ? "doubtful" : "good"));
    shown.push(key([
      [`Cost over ${best.costs?.years ?? 3} years`, money(total(best), currency)],
      ["First token", best.timeToFirstToken && seconds(best.timeToFirstToken.expected)],
      ["Each further token", best.timePerOutputToken && seconds(best.timePerOutputToken.expected)],
      ["Output", best.outputTokensPerSecond && `${digits(best.outputTokensPerSecond.expected)} tok/s`],
    ]));
  }
  const steps = (sizing.study?.byConfidence ?? []).filter(step => step.option);
  if (steps.length > 1) shown.push(el("figure", {}, el("figcaption", {}, `Cost against confidence (${currency})`), chart(steps, width)));
  if (sizing.options.length) shown.push(table("Machines that hold the load", [
    ["Machines", name], ["Form", option => option.quantization], ["Engine", option => option.engine],
    ["Probability", option => percent(option.probability), "n"],
    ["Cost", option => money(total(option), currency), "n"],
    ["First token", option => option.timeToFirstToken ? seconds(option.timeToFirstToken.expected) : "", "n"],
    ["Further tokens", option => option.timePerOutputToken ? seconds(option.timePerOutputToken.expected) : "", "n"],
    ["Output", option => option.outputTokensPerSecond ? `${digits(option.outputTokensPerSecond.expected)} tok/s` : "", "n"],
    ["Memory of a box", option => option.memoryBytes ? `${bytes(option.memoryUsedBytes)} of ${bytes(option.memoryBytes)}` : "", "n"],
  ], sizing.options.slice(0, 20), option => option === best ? "chosen" : null));
  const notes = [...(sizing.notices ?? []).map(reason => reason.message),
    ...sizing.failures.slice(0, 10).map(failure => `${failure.box ?? failure.machine}: ${failure.reason.message}`)];
  if (notes.length) shown.push(el("details", {}, el("summary", {}, `Remarks (${notes.length})`), el("ul", {}, notes.map(text => el("li", {}, text)))));
  return shown;
}

// A bar for each confidence: what the cheapest machines cost that are as sure.
function chart(steps, width) {
  const costs = steps.map(step => total(step.option) ?? 0), most = Math.max(...costs, 1), row = 26, left = 48;
  return el("svg", { class: "bars", viewBox: `0 0 ${width} ${steps.length * row}`, role: "img",
    "aria-label": steps.map((step, index) => `${percent(step.confidence)}: ${digits(costs[index])}, ${name(step.option)}`).join("; ") },
    steps.map((step, index) => el("g", {},
      el("text", { x: 0, y: index * row + 17 }, percent(step.confidence)),
      el("rect", { x: left, y: index * row + 4, width: Math.max(costs[index] / most * (width - left - 190), 1), height: 18, class: "f0" }),
      el("text", { x: left + costs[index] / most * (width - left - 190) + 6, y: index * row + 17 }, `${digits(costs[index])} ${name(step.option)}`.slice(0, 30)))));
}

export default { title: "Size", show };
