import { el, field, key, list, problem, select, table, values } from "./dom.js";
import { get, part, post } from "./api.js";
import { band, digits, seconds } from "./units.js";
import { lines } from "./charts.js";
import { progress } from "./jobs.js";
import { report, validity } from "./report.js";

async function show(place, words, onLeave) {
  const [{ deployments }, { jobs }] = await Promise.all([get("/deployments"), get("/jobs?limit=50")]);
  const ready = deployments.filter(row => row.deployment.state === "ready").map(row => row.deployment.name);
  const live = el("div", {});
  if (ready.length) {
    const loads = {
      concurrency: field(
        "Requests in flight, by stage",
        el("input", { name: "concurrency", value: "1,2,4", required: true }),
      ),
      rates: field("Requests a second, by stage", el("input", { name: "rates", value: "0.5,1", required: true })),
      arrivals: field("Arrivals", select("arrivals", ["poisson", "constant"], "poisson")),
    };
    const shown = { concurrency: ["concurrency"], rates: ["rates", "arrivals"], search: [] };
    const form = el(
      "form",
      {
        class: "dense",
        onchange: () => adapt(),
        onsubmit: async event => {
          event.preventDefault();
          try {
            const { load, ...rest } = values(form, ["requests", "seconds", "warmup", "sharedPrefix"]);
            const asked = {
              ...rest,
              ...lengths(rest),
              concurrency: list(rest.concurrency),
              rates: list(rest.rates),
              tags: list(rest.tags),
            };
            if (load === "search") asked.search = true;
            live.replaceChildren(followed(await post("/benchmarks", asked), onLeave));
          } catch (error) {
            live.replaceChildren(problem(error));
          }
        },
      },
      field("Deployment", select("deployment", ready, words.get("deployment") ?? ready[0])),
      field("Load", select("load", [
        ["concurrency", "requests in flight"], ["rates", "requests a second"], ["search", "the highest within a goal"],
      ])),
      loads.concurrency,
      loads.rates,
      loads.arrivals,
      field(
        "Requests in each stage",
        el("input", { name: "requests", type: "number", min: 1, max: 100000, placeholder: "more for more load" }),
      ),
      field(
        "Seconds of each stage",
        el("input", { name: "seconds", type: "number", min: 1, max: 86400, placeholder: "no limit" }),
      ),
      field(
        "Tokens of a prompt",
        el("input", { name: "inputTokens", placeholder: "128, 100-400 or normal:256:50", value: 128 }),
      ),
      field(
        "Tokens of an answer",
        el("input", { name: "outputTokens", placeholder: "48, 16-64 or lognormal:40:0.5", value: 48 }),
      ),
      field("Goal", el("input", { name: "goal", placeholder: "ttft p95 < 2 s, tpot p95 < 60 ms" })),
      field("Tags", el("input", { name: "tags", placeholder: "nightly, quiet" })),
      el("details", {},
        el("summary", {}, "More"),
        el("div", { class: "fields" },
          field(
            "Warm-up requests",
            el("input", { name: "warmup", type: "number", min: 0, max: 10000, placeholder: "by the load" }),
          ),
          field(
            "Tokens that all prompts share",
            el("input", { name: "sharedPrefix", type: "number", min: 0, placeholder: "0" }),
          ),
          field("Note", el("input", { name: "note", maxlength: 500 })),
        ),
      ),
      el("button", {}, "Measure"),
    );
    const adapt = () => {
      const load = form.elements.load.value;
      for (const [name, label] of Object.entries(loads)) {
        label.hidden = !shown[load].includes(name);
        label.querySelector("input, select").disabled = label.hidden;
      }
      form.elements.goal.required = load === "search";
    };
    adapt();
    place.append(form);
  } else {
    place.append(
      el("p", { class: "soft" },
        "No deployment is ready to be measured. ",
        el("a", { href: "#plan" }, "Plan a model to deploy it"),
      ),
    );
  }
  place.append(live);
  const bench = jobs.filter(job => job.kind === "bench");
  const running = bench.find(job => job.state === "running" || job.id === words.get("job"));
  if (running) live.append(followed(running, onLeave));
  const past = bench.filter(job => job !== running);
  if (past.length)
    place.append(table("Latest benchmarks", [
      ["Deployment", job => job.subject],
      ["State", job => job.state],
      [
        "Result",
        job =>
          job.result
            ? el("a", { href: `#runs?run=${part(job.result.split("/").at(-1))}` }, "Run")
            : job.failure?.message ?? "",
      ],
      ["Stages", job =>
        el("ul", { class: "plainlist" },
          job.notes.slice(-4).map(note => el("li", {}, note)),
        ), "words"],
    ], past.slice(0, 5)));
}

// A number is a length, everything else their spread.
function lengths({ inputTokens, outputTokens }) {
  const one = (name, text) =>
    /^\d+$/.test(text ?? "")
      ? { [`${name}Tokens`]: Number(text) }
      : { [`${name}Tokens`]: undefined, [`${name}Lengths`]: text };
  return { ...one("input", inputTokens), ...one("output", outputTokens) };
}

const series = [
  { name: "tokensPerSecond", title: "Output", words: value => value === undefined ? null : `${digits(value)} tok/s` },
  { name: "timeToFirstToken", title: "TTFT", words: seconds },
  { name: "timePerOutputToken", title: "TPOT", words: seconds },
  { name: "inFlight", title: "In flight", words: digits },
];

// A benchmark with its figures over its time, those from before the page was opened too.
function followed(job, onLeave) {
  const figures = el("div", {}), chart = el("figure", { class: "live" }), result = el("div", {});
  let points = [], drawn = 0;
  function draw(job) {
    if (job.figures && job.step) {
      points.push({ step: job.step, figures: job.figures });
      if (performance.now() - drawn > 250) paint(job);
    }
    if (job.state !== "running" && points.length) paint(null);
    if (job.state === "done" && job.result) finish(job.result.split("/").at(-1), result);
  }
  function paint(job) {
    drawn = performance.now();
    if (points.length > 1200) points = points.filter((_, index) => index % 2 === 0);
    const now = job?.figures;
    figures.replaceChildren(
      now
        ? key([
          [`of ${job.step}`, job.progress === undefined ? null : `${Math.round(job.progress * 100)}%`],
          ...series.map(({ name, title, words }) => [title, words(now[name])]),
          ["failed", now.failed ? String(now.failed) : null],
        ])
        : "",
    );
    chart.replaceChildren(
      el("figcaption", {}, "Over the time of the benchmark"),
      lines(points, series, Math.min(960, chart.clientWidth || 640)),
    );
  }
  const handlers = {
    history: ({ points: earlier }) => {
      points = earlier;
      drawn = 0;
    },
  };
  return el("div", {}, progress(job, onLeave, () => {}, draw, handlers), figures, chart, result);
}

// The run's figures beside what was predicted, and its report.
async function finish(id, place) {
  try {
    const run = await get(`/runs/${part(id)}`), { summary, predicted } = run;
    const beside = [
      [
        "Output",
        predicted?.decodeAggregate ?? predicted?.decode,
        summary.outputTokensPerSecond,
        value => `${digits(value)} tok/s`,
        "tok/s",
      ],
      ["TTFT, median", predicted?.timeToFirstToken, summary.timeToFirstToken?.p50, seconds],
      ["TPOT, median", predicted?.timePerOutputToken, summary.timePerOutputToken?.p50, seconds],
    ].filter(([, , measured]) => measured !== undefined && measured !== null);
    place.replaceChildren(
      validity(run),
      table(
        `Measured${run.summaryStage ? ` at ${run.summaryStage}` : ""}${predicted ? ", beside the prediction" : ""}`,
        [
          ["Figure", ([name]) => name],
          ["Measured", ([, , measured, words]) => words(measured), "n"],
          ...(predicted
            ? [
              ["Predicted", ([, figure, , words, unit]) =>
                !figure ? "" : unit ? band(figure, unit)
                  : `${words(figure.expected)} (${words(figure.low)}–${words(figure.high)})`, "n"],
              ["In the band", ([, figure, measured]) =>
                !figure ? "" : measured >= figure.low && measured <= figure.high
                  ? el("span", { class: "good" }, "yes") : el("span", { class: "doubtful" }, "no")],
            ]
            : []),
        ],
        beside,
      ),
      el("p", {}, el("a", { href: `#runs?run=${part(id)}` }, `Run ${id}`)),
      ...report(`/runs/${part(id)}/report`, `Report on ${id}`),
    );
  } catch (error) {
    place.replaceChildren(problem(error));
  }
}

export default { title: "Measure", show };
