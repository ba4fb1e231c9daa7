import { check, el, field, key, notice, problem, say, select, table, values } from "./dom.js";
import { answered, get, sent } from "./api.js";
import { complete, completeModels, drop } from "./drop.js";
import { dayCurve } from "./day.js";
import { report } from "./report.js";
import { legend, stacks, steps } from "./charts.js";
import { bytes, digits, seconds } from "./units.js";

const numbers = ["amount", "confidence", "thinkTime", "inputTokens", "outputTokens", "context", "timeToFirstToken", "timePerOutputToken", "prefixHit", "draftAcceptance",
  "growth", "growthPerYear", "spare", "peak", "nodes", "years", "electricity", "breakEven", "breakEvenInput", "host", "network", "pue", "rack",
  "licencePerGPU", "utilization", "dollarsPerUnit"];
const percent = share => share >= 1 ? "100%" : `${Math.floor(share * 100 + 1e-9)}%`;
const loads = [["users", "users"], ["concurrency", "requests in flight"], ["rate", "requests a second"], ["documents", "documents in a batch"]];

async function show(place, words, onLeave) {
  const { workloads, days } = await get("/workloads");
  const answer = el("div", {}), status = el("p", { class: "soft", role: "status" });
  const number = (name, label, { start = "", ...more } = {}) => field(label, el("input", { name, type: "number", step: "any", value: words.get(name) ?? start, ...more }));
  const text = (name, label, more = {}) => field(label, el("input", { name, value: words.get(name) ?? "", ...more }));
  const choice = (name, label, options, usual) => field(label, select(name, options, words.get(name) ?? usual));
  const mark = (name, label) => { const one = check(name, label); one.querySelector("input").checked = words.get(name) === "true"; return one; };
  const percentiles = [["mean", "on average"], ["p95", "for 95%"], ["p99", "for 99%"]];
  const fold = (title, names, ...inside) => el("details", { open: names.some(name => words.has(name)) }, el("summary", {}, title), el("div", { class: "fields" }, inside));
  const day = dayCurve(days, words, () => keep());
  const machines = machineList(words.getAll("on"), () => keep());
  const prices = priceList(words.getAll("price"), () => keep());
  const thinkTime = number("thinkTime", "Pause of a user, s", { min: 0 });
  const within = number("within", "Finished within, hours", { min: 0.001, max: 8784, start: 12 });

  const form = el("form", { class: "dense", onsubmit: event => { event.preventDefault(); keep(); update(); }, onchange: () => { adapt(); keep(); } },
    text("model", "Model", { required: true, list: "size-models" }), el("datalist", { id: "size-models" }),
    choice("workload", "Workload", workloads.map(one => one.name), "chat"),
    choice("load", "Load at the busiest time", loads, "users"),
    number("amount", "Amount", { min: 0.001, required: true, start: 200 }), thinkTime, within,
    number("inputTokens", "Tokens of a prompt", { min: 1 }),
    number("outputTokens", "Tokens of an answer", { min: 1 }),
    number("timeToFirstToken", "TTFT target, s", { min: 0.001 }),
    choice("firstTokenPercentile", "TTFT holds", percentiles, "mean"),
    number("timePerOutputToken", "TPOT target, s", { min: 0.0001 }),
    choice("outputTokenPercentile", "TPOT holds", percentiles, "mean"),
    choice("confidence", "Confidence", ["0.5", "0.6", "0.7", "0.8", "0.9", "0.95", "0.99"].map(share => [share, percent(Number(share))]), "0.8"),
    fold("Load over the day", ["day", "hours"], day.node),
    fold("Machines", ["on", "counts", "nodes", "promptsApart"], machines.node, text("counts", "GPUs in one box", { placeholder: "1,2,4,8" }),
      number("nodes", "vLLM: machines that one server spans", { min: 1, max: 64, step: 1, placeholder: "1" }),
      mark("promptsApart", "Boxes of their own for prompts (a plan only)")),
    fold("Prices and costs", ["price", "years", "electricity", "breakEven", "currency", "dollarsPerUnit", "host", "network", "pue", "rack", "licencePerGPU", "utilization"],
      prices.node, number("years", "Years", { min: 0.1, max: 20, placeholder: "3" }),
      number("electricity", "A kilowatt-hour", { min: 0, placeholder: "0.15" }),
      number("breakEven", "Break even with a service's price of 1M output tokens", { min: 0 }),
      number("breakEvenInput", "… and of 1M input tokens", { min: 0 }),
      text("currency", "Currency", { placeholder: "USD", maxlength: 3, pattern: "[A-Za-z]{3}" }),
      number("dollarsPerUnit", "Dollars for one of it", { min: 0, placeholder: "converts list prices" }),
      number("host", "A host for the GPUs", { min: 0, placeholder: "list price" }),
      number("network", "A network port", { min: 0, placeholder: "list price" }),
      number("pue", "PUE (power with cooling)", { min: 1, max: 4, placeholder: "1.4" }),
      number("rack", "Rack space, kW and month", { min: 0, placeholder: "not counted" }),
      number("licencePerGPU", "Licence, GPU and year", { min: 0, placeholder: "none" }),
      number("utilization", "Mean over busiest load", { min: 0.001, max: 1, placeholder: "from the day" })),
    fold("Margin", ["growth", "growthPerYear", "spare", "peak", "pessimistic"],
      number("growth", "Growth, factor", { min: 1, placeholder: "1" }), number("growthPerYear", "Or growth a year, such as 0.3", { min: 0.001, max: 10 }),
      number("spare", "Boxes that may fail", { min: 0, max: 64, step: 1, placeholder: "0" }), number("peak", "Multiple of the load", { min: 1, placeholder: "1" }),
      mark("pessimistic", "Hold the targets at the slow end of the bands")),
    fold("Forms and server", ["quantizations", "context", "kvType", "prefixHit", "mtp", "draft", "draftAcceptance"],
      text("quantizations", "Only these forms", { placeholder: "FP8, AWQ" }), number("context", "Tokens of one request", { min: 1, step: 1 }),
      text("kvType", "KV cache type", { placeholder: "fp8" }), number("prefixHit", "Share of prompts in the cache", { min: 0.01, max: 0.99, placeholder: "0" }),
      mark("mtp", "Prediction layers guess tokens (MTP)"), text("draft", "Draft model", { list: "size-models" }),
      number("draftAcceptance", "Share of guesses accepted", { min: 0, max: 1, placeholder: "0.6" })),
    el("button", {}, "Size"));
  form.elements.model.value ||= "llama-3.1-70b";
  place.append(form, status, answer);
  adapt();
  completeModels([form.elements.model, form.elements.draft], form.querySelector("datalist"));

  // What the kind of use says stands where nothing is written.
  function adapt() {
    const usual = workloads.find(one => one.name === form.elements.workload.value), load = form.elements.load.value;
    for (const [name, value] of [["inputTokens", usual.inputTokens], ["outputTokens", usual.outputTokens], ["thinkTime", usual.thinkTimeSeconds ?? 0],
      ["timeToFirstToken", load === "documents" ? undefined : usual.timeToFirstTokenSeconds], ["timePerOutputToken", load === "documents" ? undefined : usual.timePerOutputTokenSeconds]]) {
      form.elements[name].placeholder = value ?? "no target";
    }
    for (const [field, kind] of [[thinkTime, "users"], [within, "documents"]]) {
      field.hidden = load !== kind;
      field.querySelector("input").disabled = load !== kind;
    }
  }

  function asked() {
    const { dayPreset, within, quantizations, counts, ...rest } = values(form, numbers);
    const list = text => text?.split(",").map(word => word.trim()).filter(Boolean);
    const question = { ...rest, ...day.asked(), machines: machines.names(), quantizations: list(quantizations), counts: list(counts),
      ...(within ? { within: Number(within) * 3600 } : {}), ...prices.asked() };
    return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined));
  }

  // The address says what the form says.
  function keep() {
    const { dayPreset, ...rest } = values(form);
    const words = new URLSearchParams({ ...rest, ...day.asked() });
    for (const name of machines.names()) words.append("on", name);
    for (const price of prices.words()) words.append("price", price);
    history.replaceState(null, "", `#size?${words}`);
  }

  let asking = null, timer = null;
  onLeave(() => { asking?.abort(); clearInterval(timer); });
  async function update() {
    asking?.abort();
    clearInterval(timer);
    const own = asking = new AbortController(), start = Date.now();
    answer.classList.add("busy");
    const tell = () => { status.textContent = `Sizing… ${Math.round((Date.now() - start) / 1000)} s`; };
    status.replaceChildren("Sizing…");
    timer = setInterval(tell, 1000);
    const quit = el("button", { type: "button", class: "plain", onclick: () => own.abort() }, "Cancel");
    status.after(quit);
    try {
      const { document, location } = await answered("POST", "/size", { ...asked(), study: true }, own.signal);
      answer.replaceChildren(...rows(document, location.split("/").at(-1), Math.min(640, answer.clientWidth || 640)));
      say(`${document.options.length} layouts`);
    } catch (error) {
      if (error.name !== "AbortError") answer.replaceChildren(problem(error));
    }
    quit.remove();
    if (own !== asking) return;
    clearInterval(timer);
    status.replaceChildren();
    answer.classList.remove("busy");
  }
  if (words.get("model")) await update();
}

// The machines that are considered: names of the catalogue, and those that were dropped here or on another page.
function machineList(chosen, onChange) {
  const all = [...chosen], list = el("ul", { class: "chips" }), names = el("datalist", { id: "size-machines" });
  const input = el("input", { list: "size-machines", placeholder: "h100-sxm5-80gb, or 2x rtx-4090, 128 GiB" });
  complete(input, names);
  const offered = el("p", { class: "actions" });
  function add(name) {
    if (name.trim() && !all.includes(name.trim())) all.push(name.trim());
    draw();
    onChange();
  }
  function take() { add(input.value); input.value = ""; }
  input.addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); take(); } });
  input.addEventListener("change", event => { event.stopPropagation(); if ([...names.children].some(option => option.value === input.value)) take(); });
  function draw() {
    list.replaceChildren(...(all.length ? all.map(name => el("li", {}, sent.get(name) ?? name, " ",
      el("button", { type: "button", class: "plain", "aria-label": `Remove ${sent.get(name) ?? name}`, onclick: () => { all.splice(all.indexOf(name), 1); draw(); onChange(); } }, "×")))
      : [el("li", { class: "soft" }, "All that are sold now")]));
    offered.replaceChildren(...[...sent].filter(([name]) => !all.includes(name)).map(([name, title]) =>
      el("button", { type: "button", class: "plain", onclick: () => add(name) }, `Add ${title}`)));
  }
  draw();
  return {
    names: () => [...all, ...(input.value.trim() ? [input.value.trim()] : [])],
    node: el("div", { class: "wide" }, el("p", { class: "label" }, "Considered"), list,
      el("div", { class: "row" }, field("Add a machine or GPU", input), el("button", { type: "button", class: "plain", onclick: take }, "Add")), names, offered, drop(name => add(name))),
  };
}

// Prices of one's own: a machine's name, an amount, and whether it buys or rents.
function priceList(chosen, onChange) {
  const list = el("div", {}), names = el("datalist", { id: "size-priced" });
  function row(word = "") {
    const [, name, amount, hour] = word.match(/^(.*)=([\d.]*)(\/h)?$/) ?? [null, "", "", ""];
    const machine = el("input", { list: "size-priced", value: name, placeholder: "8x h100" });
    complete(machine, names);
    const node = el("div", { class: "row" }, field("Machine", machine), field("Price", el("input", { type: "number", min: 0, step: "any", value: amount })),
      field("For", select(null, [["", "buying it"], ["/h", "an hour"]], hour ?? "")),
      el("button", { type: "button", class: "plain", "aria-label": "Remove this price", onclick: () => { node.remove(); onChange(); } }, "×"));
    list.append(node);
  }
  for (const word of chosen) row(word);
  const all = () => [...list.children].map(node => [...node.querySelectorAll("input, select")].map(control => control.value.trim())).filter(([name, amount]) => name && amount !== "");
  return {
    words: () => all().map(([name, amount, unit]) => `${name}=${amount}${unit}`),
    asked: () => {
      const bought = all().filter(([, , unit]) => !unit), rented = all().filter(([, , unit]) => unit);
      const amounts = rows => Object.fromEntries(rows.map(([name, amount]) => [name, Number(amount)]));
      return { ...(bought.length ? { prices: amounts(bought) } : {}), ...(rented.length ? { hourlyPrices: amounts(rented) } : {}) };
    },
    node: el("div", { class: "wide" }, el("p", { class: "label" }, "Own prices, before list prices"), list, names,
      el("button", { type: "button", class: "plain", onclick: () => { row(); list.lastChild.querySelector("input").focus(); } }, "Add a price")),
  };
}

const boxes = option => (option.boxes > 1 ? `${option.boxes} boxes of ${option.box}` : option.box) + (option.promptBoxes ? ` (${option.promptBoxes} for prompts)` : "");
const form = option => option.quantization + (option.hasToBeMade ? "*" : "");
const line = option => option.costs?.lines[0];
const gpus = option => option.boxes * option.acceleratorsPerBox;
const amount = value => value === undefined ? "" : value === 0 ? "0" : value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString("en");
const total = option => line(option) ? amount(line(option).total) : "no price";
const ways = { purchase: "buy", "on-demand": "rent on demand", reserved: "rent reserved" };
const months = value => value === undefined ? "never" : value < 0.5 ? "from the start" : `${Math.round(value)} months`;

function rows(sizing, number, width) {
  const currency = sizing.costs.currency, years = digits(sizing.costs.years), study = sizing.study, best = sizing.options[0];
  const asked = percent(sizing.confidence);
  const costTitle = `${currency}, ${years} years`;
  const shown = [];
  if (!best) shown.push(notice(`Nothing holds the load: ${sizing.model}`));
  else {
    const marks = best.marks.length && sizing.options.length > 1 ? ` (${best.marks.join(", ")})` : "";
    shown.push(best.isConfident ? notice(`${sizing.model}: ${boxes(best)}, ${form(best)} on ${best.engine}${marks}`, "good")
      : notice(`Nothing holds the load with ${asked} confidence. Cheapest below that (${percent(best.probability)}): ${boxes(best)}, ${form(best)} on ${best.engine}`, "doubtful"));
    shown.push(key([
      [`${currency} over ${years} years`, line(best) ? amount(line(best).total) : "no price known"],
      [`sure (asked: ${asked})`, percent(best.probability)],
      ["TTFT", best.timeToFirstToken && seconds(best.timeToFirstToken.expected)],
      ["TPOT", sizing.task === "generation" && best.timePerOutputToken && seconds(best.timePerOutputToken.expected)],
      ["of its capacity", best.utilization < 0.01 ? "under 1%" : percent(best.utilization)],
      ["tok/s output", best.outputTokensPerSecond && digits(best.outputTokensPerSecond.expected)],
    ]));
    if (!best.isMeasured) shown.push(el("p", { class: "soft" }, "No GPU of this class was measured under load: wide bands."));
  }
  if (study && best) shown.push(...confidence(study, sizing, costTitle, width));
  if (best?.costs?.lines.length) shown.push(...costs(best, sizing, width));
  if (study && best) shown.push(...beside(study, best, costTitle));
  if (best) shown.push(...layouts(sizing, costTitle));
  const failures = sizing.failures.filter(failure => !sizing.options.some(option => option.machine === failure.machine));
  const notes = sizing.notices.map(reason => reason.remedy ? `${reason.message}; ${reason.remedy}` : reason.message);
  if (sizing.options.some(option => option.hasToBeMade)) notes.push("* no file in Plimsoll's list; search the Hub first");
  if (notes.length) shown.push(el("ul", {}, notes.map(text => el("li", {}, text))));
  const fold = (title, rows) => rows.length ? el("details", {}, el("summary", {}, `${title} (${rows.length})`), el("ul", {}, rows.map(row => el("li", {}, row)))) : null;
  shown.push(fold("What the answer rests on", (study?.assumptions ?? []).map(one => `${one.what}: ${one.value} (${one.source})`)),
    fold("Machines that cannot", failures.map(failure => `${failure.box}: ${failure.reason.message}`)));
  if (best) shown.push(...report(`/sizings/${number}/report`, `Capacity for ${sizing.model}`, "The report, two pages"));
  return shown.filter(Boolean);
}

// What a surer answer costs: a step for each change of machines.
function confidence(study, sizing, costTitle, width) {
  const groups = [];
  for (const point of study.byConfidence) {
    const name = point.option ? `${boxes(point.option)}, ${form(point.option)}` : "nothing", last = groups.at(-1);
    if (last?.name === name) last.to = point.confidence;
    else groups.push({ name, from: point.confidence, to: point.confidence, cost: point.option && line(point.option)?.total });
  }
  const heading = el("h2", {}, "Cost against confidence");
  const priced = groups.filter(group => group.cost !== undefined && group.cost !== null);
  const words = group => group.from === group.to ? percent(group.from) : `${percent(group.from)} to ${percent(group.to)}`;
  if (groups.length === 1) {
    const [group] = groups;
    return [heading, el("p", {}, group.name === "nothing" ? "Nothing keeps all targets with 50% confidence or more."
      : `${group.name} stays the cheapest from ${percent(group.from)} to ${percent(group.to)} confidence${group.cost ? `: ${amount(group.cost)} ${costTitle}` : ""}.`)];
  }
  if (!priced.length) return [];
  return [heading, el("figure", {}, el("figcaption", {}, `The cheapest for each confidence (${costTitle})`),
    steps(groups.map(group => ({ label: words(group), name: group.name, value: group.cost, words: group.cost ? amount(group.cost) : "",
      isAsked: group.from <= sizing.confidence && sizing.confidence <= group.to })), width))];
}

// Where the money goes, by each way to pay.
function costs(best, sizing, width) {
  const { costs } = best, currency = sizing.costs.currency, years = costs.years;
  const parts = ["Machines", "Hosts", "Network", "Energy", "Rack space", "Licences"];
  const split = way => way.way === "purchase"
    ? [costs.accelerators, costs.hosts, costs.network, costs.energyPerYear * years, costs.rackPerYear * years, costs.licencesPerYear * years].map(value => value || 0)
    : [way.total - (costs.licencesPerYear || 0) * years, 0, 0, 0, 0, (costs.licencesPerYear || 0) * years];
  const bars = costs.lines.map(way => ({ name: `${ways[way.way]}: ${amount(way.total)} ${currency}`, values: split(way) }));
  const used = parts.filter((_, index) => bars.some(bar => bar.values[index] > 0));
  const hasTokens = sizing.task === "generation";
  return [el("h2", {}, `Costs of ${boxes(best)}`),
    el("figure", {}, el("figcaption", {}, `${currency} over ${digits(years)} years`), stacks(bars, parts, width), legend(parts, used)),
    table(`Ways to pay, in ${currency}`, [
      ["Way", way => ways[way.way]], ["At the start", way => amount(way.upFront), "n"], ["Each year", way => amount(way.perYear), "n"],
      ["Total", way => amount(way.total), "n"],
      ...(hasTokens ? [["1M output tokens", way => amount(way.perMillionOutputTokens), "n"]] : []),
      ...(sizing.demand.kind === "batch" ? [["A batch", way => amount(way.perBatch), "n"]] : []),
      ...(sizing.costs.pricePerMillionTokens !== undefined ? [["Breaks even", way => months(way.breakEvenMonths), "n"]] : []),
      ["Price from", way => way.source, "words"],
    ], costs.lines)];
}

// What stands beside the recommendation, and what changes it.
function beside(study, best, costTitle) {
  const { inTheMean, riskier, converted, safer } = study.alternatives;
  const columns = [["To buy", row => row.option ? `${boxes(row.option)}, ${form(row.option)}` : "nothing holds it", "words"], ["GPUs", row => row.option ? gpus(row.option) || "" : "", "n"],
    ["Sure", row => row.option ? percent(row.option.probability) : "", "n"], [costTitle, row => row.option ? total(row.option) : "", "n"]];
  const others = [["Enough in the mean", inTheMean], ["Cheaper, riskier", riskier], ["Cheaper, to be converted", converted], [best.isConfident ? "Recommended" : "Not sure enough", best], ["Dearer, safer", safer]]
    .filter(([, option]) => option).map(([name, option]) => ({ name, option }));
  return [el("h2", {}, "Beside it, and if the question changes"),
    table("Alternatives", [["Choice", row => row.name], ...columns], others, row => row.option === best ? "chosen" : null),
    table("The answer to changed questions", [["Change", row => row.name.replace("-", "−")], ...columns], study.sensitivity)];
}

function layouts(sizing, costTitle) {
  const seen = new Set(), first = sizing.options.filter(option => !seen.has(option.machine) && seen.add(option.machine));
  const place = el("div", {}), hasTokens = sizing.task === "generation";
  function draw(options, rest) {
    place.replaceChildren(table(options === sizing.options ? "All layouts" : "The best layout of each machine", [
      ["Machines", boxes], ["Form", form], ["Engine", option => option.engine],
      ["Sure", option => el("span", { class: option.isConfident ? "good" : "doubtful" }, percent(option.probability)), "n"],
      [costTitle, total, "n"],
      ["TTFT", option => option.timeToFirstToken ? seconds(option.timeToFirstToken.expected) : "", "n"],
      ...(hasTokens ? [["TPOT", option => option.timePerOutputToken ? seconds(option.timePerOutputToken.expected) : "", "n"]] : []),
      ["Load", option => percent(option.utilization), "n"],
      ["Memory", option => option.memoryBytes ? `${bytes(option.memoryUsedBytes)} of ${bytes(option.memoryBytes)}` : "", "n"],
      ["Best as", option => option.marks.join(", ")],
    ], options.slice(0, rest), option => option === sizing.options[0] ? "chosen" : null),
    options.length > rest || options !== sizing.options ? el("button", { type: "button", class: "plain", onclick: () => draw(sizing.options, Infinity) }, `Show all ${sizing.options.length} layouts`) : "");
  }
  draw(first, 10);
  return [el("h2", {}, "Layouts that hold the load"), place];
}

export default { title: "Size", show };
