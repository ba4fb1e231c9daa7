import { el, key, notice, table } from "./dom.js";
import { legend, stacks, steps } from "./charts.js";
import { report } from "./report.js";
import { bytes, digits, percent, seconds } from "./units.js";

const nearest = share => `${Math.round(share * 100)}%`;

const boxes = option =>
  (option.boxes > 1 ? `${option.boxes} boxes of ${option.box}` : option.box) +
  (option.promptBoxes ? ` (${option.promptBoxes} for prompts)` : "");
const form = option => option.quantization + (option.hasToBeMade ? "*" : "");
const line = option => option.costs?.lines[0];
const gpus = option => option.boxes * option.acceleratorsPerBox;
const amount = value =>
  value === undefined ? "" : value === 0 ? "0" : value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString("en");
const total = option => line(option) ? amount(line(option).total) : "no price";
const ways = { purchase: "buy", "on-demand": "rent on demand", reserved: "rent reserved" };
const months = value => value === undefined ? "never" : value < 0.5 ? "from the start" : `${Math.round(value)} months`;

// An answer of size: the recommendation, its costs, what stands beside it, and the report.
// number is what the answer is called in the API, width that of its pictures.
export function sized(sizing, number, width) {
  const currency = sizing.costs.currency, years = digits(sizing.costs.years), study = sizing.study, best = sizing.options[0];
  const asked = percent(sizing.confidence);
  const costTitle = `${currency}, ${years} years`;
  const shown = [];
  if (!best) shown.push(notice(`Nothing holds the load: ${sizing.model}`));
  else {
    const marks = best.marks.length && sizing.options.length > 1 ? ` (${best.marks.join(", ")})` : "";
    shown.push(
      best.isConfident
        ? notice(`${sizing.model}: ${boxes(best)}, ${form(best)} on ${best.engine}${marks}`, "good")
        : notice(
          `Nothing holds the load with ${asked} confidence. Cheapest below that (${percent(best.probability)}): ` +
            `${boxes(best)}, ${form(best)} on ${best.engine}`,
          "doubtful",
        ),
    );
    shown.push(key([
      [`${currency} over ${years} years`, line(best) ? amount(line(best).total) : "no price known"],
      [`sure (asked: ${asked})`, percent(best.probability)],
      ["TTFT", best.timeToFirstToken && seconds(best.timeToFirstToken.expected)],
      ["TPOT", sizing.task === "generation" && best.timePerOutputToken && seconds(best.timePerOutputToken.expected)],
      ["of its capacity", best.utilization < 0.01 ? "under 1%" : nearest(best.utilization)],
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
  const fold = (title, rows) =>
    rows.length
      ? el("details", {},
        el("summary", {}, `${title} (${rows.length})`),
        el("ul", {}, rows.map(row => el("li", {}, row))),
      )
      : null;
  shown.push(
    fold(
      "What this rests on",
      (study?.assumptions ?? []).map(one => `${one.what}: ${one.value} (${one.source})`),
    ),
    fold("Machines that cannot", failures.map(failure => `${failure.box}: ${failure.reason.message}`)),
  );
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
    return [
      heading,
      el("p", {},
        group.name === "nothing"
          ? "Nothing keeps all targets with 50% confidence or more."
          : `${group.name} stays the cheapest from ${percent(group.from)} to ${percent(group.to)} confidence` +
            `${group.cost ? `: ${amount(group.cost)} ${costTitle}` : ""}.`,
      ),
    ];
  }
  if (!priced.length) return [];
  return [
    heading,
    el("figure", {},
      el("figcaption", {}, `The cheapest for each confidence (${costTitle})`),
      steps(
        groups.map(group => ({
          label: words(group),
          name: group.name,
          value: group.cost,
          words: group.cost ? amount(group.cost) : "",
          isAsked: group.from <= sizing.confidence && sizing.confidence <= group.to,
        })),
        width,
      ),
    ),
  ];
}

// Where the money goes, by each way to pay.
function costs(best, sizing, width) {
  const { costs } = best, currency = sizing.costs.currency, years = costs.years;
  const parts = ["Machines", "Hosts", "Network", "Energy", "Rack space", "Licences"];
  const split = way =>
    way.way === "purchase"
      ? [
        costs.accelerators,
        costs.hosts,
        costs.network,
        costs.energyPerYear * years,
        costs.rackPerYear * years,
        costs.licencesPerYear * years,
      ].map(value => value || 0)
      : [way.total - (costs.licencesPerYear || 0) * years, 0, 0, 0, 0, (costs.licencesPerYear || 0) * years];
  const bars = costs.lines.map(way => ({
    name: `${ways[way.way]}: ${amount(way.total)} ${currency}`,
    values: split(way),
  }));
  const used = parts.filter((_, index) => bars.some(bar => bar.values[index] > 0));
  const hasTokens = sizing.task === "generation";
  return [
    el("h2", {}, `Costs of ${boxes(best)}`),
    el("figure", {},
      el("figcaption", {}, `${currency} over ${digits(years)} years`),
      stacks(bars, parts, width),
      legend(parts, used),
    ),
    table(`Ways to pay, in ${currency}`, [
      ["Way", way => ways[way.way]],
      ["At the start", way => amount(way.upFront), "n"],
      ["Each year", way => amount(way.perYear), "n"],
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
  const columns = [
    ["To buy", row => row.option ? `${boxes(row.option)}, ${form(row.option)}` : "nothing holds it", "words"],
    ["GPUs", row => row.option ? gpus(row.option) || "" : "", "n"],
    ["Sure", row => row.option ? percent(row.option.probability) : "", "n"],
    [costTitle, row => row.option ? total(row.option) : "", "n"],
  ];
  const others = [
    ["Enough on average", inTheMean],
    ["Cheaper, riskier", riskier],
    ["Cheaper, to be converted", converted],
    [best.isConfident ? "Recommended" : "Not sure enough", best],
    ["Dearer, safer", safer],
  ]
    .filter(([, option]) => option).map(([name, option]) => ({ name, option }));
  return [el("h2", {}, "Alternatives, and if the question changes"),
    table("Alternatives", [["Choice", row => row.name], ...columns], others, row => row.option === best ? "chosen" : null),
    table("If the question changes", [["Change", row => row.name.replace("-", "−")], ...columns], study.sensitivity)];
}

function layouts(sizing, costTitle) {
  const seen = new Set(), first = sizing.options.filter(option => !seen.has(option.machine) && seen.add(option.machine));
  const place = el("div", {}), hasTokens = sizing.task === "generation";
  function draw(options, rest) {
    place.replaceChildren(
      table(
        options === sizing.options ? "All layouts" : "The best layout of each machine",
        [
          ["Machines", boxes],
          ["Quantization", form],
          ["Engine", option => option.engine],
          [
            "Sure",
            option => el("span", { class: option.isConfident ? "good" : "doubtful" }, percent(option.probability)),
            "n",
          ],
          [costTitle, total, "n"],
          ["TTFT", option => option.timeToFirstToken ? seconds(option.timeToFirstToken.expected) : "", "n"],
          ...(hasTokens
            ? [["TPOT", option => option.timePerOutputToken ? seconds(option.timePerOutputToken.expected) : "", "n"]]
            : []),
          ["Load", option => nearest(option.utilization), "n"],
          [
            "Memory",
            option => option.memoryBytes ? `${bytes(option.memoryUsedBytes)} of ${bytes(option.memoryBytes)}` : "",
            "n",
          ],
          ["Best as", option => option.marks.join(", ")],
        ],
        options.slice(0, rest),
        option => option === sizing.options[0] ? "chosen" : null,
      ),
      options.length > rest || options !== sizing.options
        ? el("button", {
          type: "button",
          class: "plain",
          onclick: () => draw(sizing.options, Infinity),
        }, `Show all ${sizing.options.length} layouts`)
        : "",
    );
  }
  draw(first, 10);
  return [el("h2", {}, "Layouts that hold the load"), place];
}
