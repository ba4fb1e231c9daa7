import { check, el, field, problem, say, select, table, values } from "./dom.js";
import { post } from "./api.js";
import { among, segments, slider } from "./controls.js";
import { drop, machineField } from "./drop.js";
import { scatter } from "./scatter.js";
import { band, bytes, digits, tokens, verdicts, verdictWords } from "./units.js";

const uses = ["chat", "code", "reasoning", "vision", "rag", "embedding"];
const objectives = [
  ["", "usual for the use"],
  ["interactive", "one reader who waits"],
  ["quality", "quality"],
  ["speed", "speed"],
  ["throughput", "many requests"],
  ["memory", "little memory"],
];
const sizes = [0, 1, 2, 4, 8, 14, 32, 70, 120, 250, 500, 1000];
const speeds = [0, 2, 5, 10, 20, 30, 50, 100];

// The months since which a model was released, by how long ago that is.
function months() {
  const ago = count =>
    new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - count)).toISOString().slice(0, 7);
  return [["", "any time"], [ago(6), "last 6 months"], [ago(12), "last year"], [ago(24), "last 2 years"]];
}

async function show(place, words, onLeave) {
  const list = el("div", {});
  const given = name => words.get(name) ?? "";
  const flag = name => words.get(name) === "true";
  const size = (label, name, none) => {
    const value = Number(given(name)) / 1e9;
    return slider(label, among(sizes, value), value, { words: size => size ? `${digits(size)}B` : none, onInput: soon });
  };
  const least = size("Smallest", "minParameters", "any size"), most = size("Largest", "maxParameters", "any size");
  const pace = slider("Minimum speed", among(speeds, Number(given("minSpeed"))), Number(given("minSpeed")), {
    words: rate => rate ? `${digits(rate)} tok/s` : "usual",
    onInput: soon,
  });
  const since = months();
  if (given("since") && !since.some(([id]) => id === given("since"))) since.push([given("since"), given("since")]);
  const form = el(
    "form",
    {
      class: "filters",
      onsubmit: event => {
        event.preventDefault();
        update();
      },
      onchange: event => {
        if (event.target.type !== "range") update();
      },
    },
    el("div", {}, segments("use", "Use", uses.map(use => [use, use]), given("use") || "chat").node),
    machineField(given("machine")),
    least.node,
    most.node,
    pace.node,
    el(
      "details",
      {
        open: [
          "context", "objective", "since", "license", "maker", "limit", "vision", "tools", "multilingual", "gpuOnly",
          "all",
        ].some(given),
      },
      el("summary", {}, "More filters"),
      el("div", { class: "filters" },
        field(
          "Minimum context",
          select("context", [["", "usual"], ["8192", "8k"], ["32768", "32k"], ["131072", "128k"]], given("context")),
        ),
        field("Objective", select("objective", objectives, given("objective"))),
        field("Released", select("since", since, given("since"))),
        field("License contains", el("input", { name: "license", placeholder: "apache", value: given("license") })),
        field("Maker contains", el("input", { name: "maker", placeholder: "google", value: given("maker") })),
        field("Models", select("limit", ["10", "20", "50"], given("limit") || "10")),
        el("div", { class: "checks" },
          check("vision", "Vision", flag("vision")),
          check("tools", "Calls tools", flag("tools")),
          check("multilingual", "Multilingual", flag("multilingual")),
          check("gpuOnly", "GPUs only", flag("gpuOnly")),
          check("all", "Slow models too", flag("all")),
        ),
      ),
    ),
    el("button", { class: "plain" }, "List"),
  );
  place.append(
    form,
    drop(name => {
      form.elements.machine.value = name;
      update();
    }, given("machine")),
    list,
  );

  let asking = null, timer = null, drawn = null;
  function soon() { clearTimeout(timer); timer = setTimeout(update, 150); }
  function asked() {
    const all = values(form, ["context", "limit"]);
    if (least.value()) all.minParameters = least.value() * 1e9;
    if (most.value()) all.maxParameters = most.value() * 1e9;
    if (pace.value()) all.minSpeed = pace.value();
    return all;
  }
  async function update() {
    clearTimeout(timer);
    asking?.abort();
    const mine = asking = new AbortController();
    list.classList.add("busy");
    const now = asked();
    try {
      const found = await post("/recommend", now, mine.signal);
      drawn = shown(found, now.machine);
      list.replaceChildren(...drawn.nodes);
      drawn.fit();
      say(`${found.models.length} models`);
    } catch (error) {
      if (error.name === "AbortError") return;
      drawn = null;
      list.replaceChildren(problem(error));
    }
    list.classList.remove("busy");
    const { limit, ...state } = now;
    history.replaceState(null, "", `#recommend?${new URLSearchParams({ ...state, ...(limit === 10 ? {} : { limit }) })}`);
  }
  const watch = new ResizeObserver(() => drawn?.fit());
  watch.observe(list);
  onLeave(() => { watch.disconnect(); clearTimeout(timer); asking?.abort(); });
  await update();
}

function leftOut(found) {
  const { filtered, doNotFit, unknownShape, belowTheList } = found.leftOut;
  const parts = [filtered && `${filtered} filtered out`, doNotFit && `${doNotFit} too large`,
    unknownShape && `${unknownShape} of unknown size`, belowTheList && `${belowTheList} ranked lower`].filter(Boolean);
  return `${found.total} models checked: ${parts.length ? parts.join(", ") : "all are listed"}.`;
}

const plan = (row, machine) =>
  `#plan?${new URLSearchParams({
    model: row.name,
    ...(machine ? { machine } : {}),
    form: `${row.quantization} ${row.engine}`,
  })}`;

function shown(found, machine) {
  if (!found.models.length)
    return {
      nodes: [
        el("p", { class: "notice doubtful" }, "No model fits with these filters."),
        el("p", { class: "soft" }, leftOut(found)),
      ],
      fit() {},
    };
  const first = found.models[0];
  const facts = [
    band(first.tokensPerSecond, "tok/s"),
    first.memoryHighBytes && `at most ${bytes(first.memoryHighBytes)} of memory`,
    first.contextLength && `${tokens(first.contextLength)} of context`,
  ].filter(Boolean);
  const dots = found.models.map((row, index) => ({ row, index })).filter(({ row }) =>
    row.tokensPerSecond && row.quality
  );
  const picture = el("div", {}),
    body = table(
      `Models for ${found.use}, the best first`,
      [
        ["Model", row => el("a", { href: plan(row, machine) }, row.name)],
        ["Verdict", row => el("span", { class: verdicts[row.verdict] }, verdictWords[row.verdict])],
        ["Quantization", row => row.quantization + (row.source ? "" : " *")],
        ["Engine", row => row.engine],
        ["Speed", row => band(row.tokensPerSecond, "tok/s") ?? "unknown", "n"],
        ["Context", row => row.contextLength ? tokens(row.contextLength) : "", "n"],
        ["Memory at most", row => bytes(row.memoryHighBytes), "n"],
        ["Quality", row => row.quality ? (row.quality.isEstimated ? "~" : "") + digits(row.quality.index) : "", "n"],
        ["Parameters", row => `${digits(row.parameters / 1e9)}B`, "n"],
        ["License", row => row.license ?? ""],
      ],
      found.models,
      (row, index) => index ? null : "chosen",
    );
  const rows = [...body.querySelectorAll("tbody tr")];
  const light = index => rows.forEach((row, place) => row.classList.toggle("lit", place === index));
  let width = 0;
  function fit() {
    const room = Math.min(Math.round(picture.clientWidth), 1100);
    if (!room || room === width) return;
    width = room;
    const chart = scatter(
      dots.map(({ row, index }) => ({
        name: row.name,
        x: row.tokensPerSecond.expected,
        low: row.tokensPerSecond.low,
        high: row.tokensPerSecond.high,
        y: row.quality.index,
        isBest: index === 0,
        isDoubtful: row.quality.isEstimated,
      })),
      width,
      {
        onFocus: place => light(place === null ? null : dots[place].index),
        onChoose: place => {
          location.hash = plan(dots[place].row, machine);
        },
      },
    );
    picture.replaceChildren(chart ?? "");
    // A row lights its dot as a dot its row.
    dots.forEach(({ index }, place) => {
      const dot = picture.querySelectorAll(".point")[place];
      rows[index].onmouseenter = rows[index].onfocusin = () => dot.classList.add("lit");
      rows[index].onmouseleave = rows[index].onfocusout = () => dot.classList.remove("lit");
    });
  }
  const marks = [
    found.models.some(row => row.quality?.isEstimated) && "~ or a hollow dot: quality estimated from size and release date.",
    found.models.some(row => !row.source) && "* no file in Plimsoll's list.",
  ].filter(Boolean);
  return {
    nodes: [
      el("p", { class: "notice good" },
        `Best for ${found.use} on ${found.machine}: `,
        el("a", { href: plan(first, machine) }, first.name),
        `, ${first.quantization} with ${first.engine}: ${facts.join(", ")}.`,
      ),
      dots.length > 1 ? el("figure", { class: "wide" }, el("figcaption", {}, "Quality against speed"), picture) : "",
      body,
      el("p", { class: "soft" }, leftOut(found), " Quality: published scores, 0 to 100. ", marks.join(" ")),
    ],
    fit,
  };
}

export default { title: "Recommend", show };
