import { check, el, field, notice, problem, say, table, values } from "./dom.js";
import { get, part, patch, remove } from "./api.js";
import { ratios } from "./charts.js";
import { report, validity } from "./report.js";
import { digits, moment, seconds } from "./units.js";

const page = 100;
const filters = [["text", "Text"], ["tag", "Tag"], ["model", "Model"], ["engine", "Engine"], ["machine", "Machine"]];

async function show(place, words) {
  const list = el("div", {}), detail = el("div", { "aria-live": "polite" }), bar = el("div", {});
  const chosen = [], started = new Map();
  let hasBaseline = false;
  let most = page;
  const names = Object.fromEntries(filters.map(([name]) => [name, el("datalist", { id: `runs-${name}` })]));
  const form = el(
    "form",
    {
      class: "dense",
      onsubmit: event => {
        event.preventDefault();
        search();
      },
      onchange: () => search(),
    },
    filters.map((
      [name, label],
    ) => [
      field(
        label,
        el("input", {
          name,
          type: "search",
          list: name === "text" ? null : `runs-${name}`,
          value: words.get(name) ?? "",
        }),
      ),
      names[name],
    ]).flat(),
    check("valid", "Valid runs only"),
    el("div", { class: "actions" },
      el("button", { class: "plain" }, "Search"),
      el("button", {
        type: "button",
        class: "plain",
        onclick: () => {
          form.reset();
          for (const [name] of filters) form.elements[name].value = "";
          search();
        },
      }, "Clear"),
    ),
  );
  form.elements.valid.checked = words.get("valid") === "true";
  place.append(form, bar, list, detail);

  const pick = (name, value) =>
    value
      ? el("button", {
        type: "button",
        class: "link",
        title: `Only this ${name}`,
        onclick: () => {
          form.elements[name].value = value;
          search();
        },
      }, value)
      : "";

  async function search() {
    most = page;
    keep();
    await update();
  }

  function keep(more = {}) {
    const words = new URLSearchParams({ ...values(form), ...more });
    history.replaceState(null, "", `#runs${words.size ? `?${words}` : ""}`);
  }

  async function update() {
    const asked = new URLSearchParams({ ...values(form), limit: most + 1 });
    let runs;
    try {
      ({ runs } = await get(`/runs?${asked}`));
    } catch (error) {
      list.replaceChildren(problem(error));
      return;
    }
    for (const name of ["tag", "model", "engine", "machine"]) {
      const known = new Set(runs.flatMap(run => name === "tag" ? run.tags : run[name]));
      names[name].replaceChildren(...[...known].filter(Boolean).map(value => el("option", { value })));
    }
    if (!runs.length) {
      list.replaceChildren(
        el("p", { class: "soft" }, "No run is stored, or none matches. plimsoll run MODEL makes one."),
      );
      return;
    }
    for (const run of runs) started.set(run.id, run.startedAt);
    const hasMore = runs.length > most, shown = runs.slice(0, most);
    list.replaceChildren(
      table(hasMore ? `The latest ${shown.length} runs` : `${shown.length} runs`, [
        ["Run", run => el("button", { type: "button", class: "plain", onclick: () => showRun(run.id) }, run.id)],
        ["Compare", run =>
          el("input", {
            type: "checkbox",
            "aria-label": `Compare ${run.id}`,
            checked: chosen.includes(run.id),
            onchange: event => {
              event.stopPropagation();
              choose(run.id, event.target.checked);
            },
          })],
        ["Started (UTC)", run => moment(run.startedAt)],
        ["Model", run => [pick("model", run.model), run.quantization ? ` ${run.quantization}` : ""]],
        ["Engine", run => pick("engine", run.engine)],
        ["Machine", run => pick("machine", run.machine)],
        ["Load", run => run.load],
        ["Output", run => run.outputTokensPerSecond ? `${digits(run.outputTokensPerSecond)} tok/s` : "", "n"],
        ["TTFT", run => seconds(run.timeToFirstToken), "n"],
        ["TPOT", run => seconds(run.timePerOutputToken), "n"],
        ["State", run => run.isValid ? run.status : `${run.status}, not valid`],
        ["Tags and note", run => [...run.tags.map(tag => pick("tag", tag)), run.note ?? ""], "words"],
      ], shown),
      hasMore
        ? el("button", {
          type: "button",
          class: "plain",
          onclick: () => {
            most *= 10;
            update();
          },
        }, "Show more")
        : "",
    );
    say(`${shown.length} runs`);
  }

  // The first of those that were chosen is what the others are held against.
  function choose(id, isChosen) {
    if (chosen.includes(id)) chosen.splice(chosen.indexOf(id), 1);
    if (isChosen) chosen.push(id);
    // What was measured first is what later runs are held against, unless somebody says otherwise.
    if (isChosen && !hasBaseline) chosen.sort((one, other) => started.get(one) - started.get(other));
    bar.replaceChildren(
      chosen.length
        ? el("div", { class: "bar" },
          chosen.map((id, index) =>
            el("span", {},
              id,
              " ",
              index
                ? el("button", {
                  type: "button",
                  class: "link",
                  "aria-label": `Make ${id} the baseline`,
                  onclick: () => {
                    hasBaseline = true;
                    chosen.splice(chosen.indexOf(id), 1);
                    chosen.unshift(id);
                    choose(null);
                  },
                }, "make baseline")
                : el("strong", {}, "baseline"),
            )
          ),
          el("button", { type: "button", disabled: chosen.length < 2, onclick: () => showComparison([...chosen]) },
            "Compare",
          ),
        )
        : "",
    );
  }

  async function showRun(id) {
    try {
      const run = await get(`/runs/${part(id)}`);
      keep({ run: run.id });
      const quantiles = ["p50", "p90", "p95", "p99", "mean"];
      const rows = [
        ["timeToFirstToken", "TTFT"], ["timePerOutputToken", "TPOT"], ["interTokenLatency", "ITL"],
        ["endToEnd", "End to end"],
      ].filter(([name]) => run.summary[name]);
      const rate = figure => digits(figure) ?? "unknown";
      const { outputTokensPerSecond, requestsPerSecond, errors } = run.summary;
      detail.replaceChildren(
        el("h2", {}, `Run ${run.id}`),
        validity(run),
        el("p", {},
          `${rate(outputTokensPerSecond)} tok/s, ${rate(requestsPerSecond)} requests/s, ${errors} errors`,
        ),
        labels(run),
        table("Latencies", [
          ["Latency", ([, title]) => title],
          ...quantiles.map(name => [name, ([key]) => seconds(run.summary[key][name]), "n"]),
        ], rows),
        ...report(`/runs/${part(run.id)}/report`, `Report on ${run.id}`),
      );
      detail.scrollIntoView({ block: "nearest" });
    } catch (error) { detail.replaceChildren(problem(error)); }
  }

  // A run's tags and note, to be changed, and the run to be deleted.
  function labels(run) {
    const place = el("div", {}), fault = el("div", {});
    const change = async edit => {
      try {
        draw(await patch(`/runs/${part(run.id)}`, edit));
        fault.replaceChildren();
        await update();
      } catch (error) {
        fault.replaceChildren(problem(error));
      }
    };
    function draw(run) {
      const tag = el("input", { name: "tag", required: true, maxlength: 60, placeholder: "nightly" });
      const note = el("input", { name: "note", maxlength: 500, value: run.note ?? "" });
      place.replaceChildren(
        el("ul", { class: "chips", "aria-label": "Tags" },
          (run.tags ?? []).map(tag =>
            el("li", {},
              tag,
              " ",
              el("button", {
                type: "button",
                class: "plain",
                "aria-label": `Remove tag ${tag}`,
                onclick: () => change({ removeTags: [tag] }),
              }, "×"),
            )
          ),
        ),
        el("div", { class: "row" },
          el(
            "form",
            {
              class: "row",
              onsubmit: event => {
                event.preventDefault();
                change({ addTags: [tag.value.trim()] });
              },
            },
            field("Tag", tag),
            el("button", { class: "plain" }, "Add tag"),
          ),
          el(
            "form",
            {
              class: "row",
              onsubmit: event => {
                event.preventDefault();
                change(note.value.trim() ? { note: note.value.trim() } : { removeNote: true });
              },
            },
            field("Note", note),
            el("button", { class: "plain" }, "Save note"),
          ),
          el("button", { type: "button", class: "plain", onclick: ask }, "Delete run"),
        ),
        fault,
      );
    }
    function ask() {
      const yes = el("button", {
        type: "button",
        onclick: async () => {
          try {
            await remove(`/runs/${part(run.id)}`);
            if (chosen.includes(run.id)) choose(run.id, false);
            detail.replaceChildren(notice(`Run ${run.id} deleted`, "good"));
            keep();
            await update();
          } catch (error) {
            fault.replaceChildren(problem(error));
          }
        },
      }, "Delete");
      fault.replaceChildren(
        el("div", { class: "bar", role: "alert" },
          `Delete run ${run.id} with all its requests? This cannot be undone.`,
          yes,
          el("button", { type: "button", class: "plain", onclick: () => fault.replaceChildren() }, "Cancel"),
        ),
      );
      yes.focus();
    }
    draw(run);
    return place;
  }

  async function showComparison(ids) {
    try {
      const comparison = await get(`/comparison?runs=${ids.map(part).join(",")}`);
      keep({ compare: ids.join(",") });
      const width = Math.min(640, detail.clientWidth || 640);
      detail.replaceChildren(el("h2", {}, `Compared with ${comparison.runs[0]}`),
        ...comparison.verdicts.flatMap((verdicts, index) => compared(comparison.runs[index + 1], verdicts, width)),
        ...report(`/comparison/report?runs=${ids.map(part).join(",")}`, `Report on ${ids.join(", ")}`));
      detail.scrollIntoView({ block: "nearest" });
    } catch (error) { detail.replaceChildren(problem(error)); }
  }
  await update();
  if (words.get("run")) await showRun(words.get("run"));
  if (words.get("compare")) await showComparison(words.get("compare").split(","));
}

// One run against the baseline: the picture, then the figures.
function compared(id, verdicts, width) {
  if (!verdicts.length) return [notice(`${id} has no load in common with the baseline`, "doubtful")];
  const known = verdicts.filter(verdict => verdict.ratio);
  const stages = new Set(verdicts.map(verdict => verdict.stage)).size;
  return [
    known.length
      ? el("figure", {},
        el("figcaption", {}, `${id}: speed over the baseline's (right is faster), 95% interval`),
        ratios(
          known.map(({ quantity, stage, outcome, ratio }) => ({
            name: stages > 1 ? `${quantity}, ${stage}` : quantity,
            ...ratio,
            words: `${digits(ratio.estimate)}× (${digits(ratio.low)}–${digits(ratio.high)}), ${outcome}`,
            isGood: outcome === "faster" ? true : outcome === "slower" ? false : undefined,
          })),
          width,
        ),
      )
      : "",
    el("details", {},
      el("summary", {}, `Figures of ${id}`),
      table(id, [
        ["Quantity", verdict => verdict.quantity],
        ["Stage", verdict => verdict.stage],
        ["Verdict", verdict => verdict.outcome],
        ["Ratio", verdict => verdict.ratio ? digits(verdict.ratio.estimate) : "unknown", "n"],
        [
          "95% interval",
          verdict => verdict.ratio ? `${digits(verdict.ratio.low)}–${digits(verdict.ratio.high)}` : "unknown",
          "n",
        ],
        ["Why", verdict =>
          [
            verdict.moreBlocks ? `${verdict.moreBlocks} more blocks per side needed` : null,
            ...verdict.reasons.map(reason => reason.message),
          ].filter(Boolean).join(". "), "words"],
      ], verdicts),
    ),
  ].filter(Boolean);
}

export default { title: "Runs", show };
