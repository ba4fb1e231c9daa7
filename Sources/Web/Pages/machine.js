import { el, notice, table } from "./dom.js";
import { follow, get } from "./api.js";
import { drop } from "./drop.js";
import { bytes, digits, states } from "./units.js";

const rate = figure => figure ? `${digits(figure.value / 1e9)} GB/s` : null;
// Readings that the small charts keep: two minutes of them.
const kept = 60;

async function show(place, words, onLeave) {
  const [facts, machine] = await Promise.all([get("/machine/facts"), get("/machine")]);
  place.append(el("p", { class: "lead" }, facts.headline));
  for (const warning of facts.warnings) place.append(notice(warning, "doubtful"));
  const use = live(machine);
  place.append(el("h2", {}, "In use now"), use.node);
  if (machine.accelerators?.length) {
    place.append(table("GPUs", [
      ["Name", gpu => gpu.model?.value ?? "unknown"],
      ["Memory", gpu => bytes(gpu.memoryBytes?.bytes) ?? "unknown", "n"],
      ["Bandwidth", gpu => rate(gpu.bandwidth) ?? "unknown", "n"],
    ], machine.accelerators));
  }
  place.append(el("h2", {}, "Deployed"), use.deployed,
    el("div", { class: "halves" },
      el("section", {}, el("h2", {}, "What it is"), factList(facts)),
      el("section", {},
        el("h2", {}, "Topology"),
        el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Topology" },
          el("img", {
            class: "drawing",
            src: "/api/v1/machine/drawing",
            alt: "Packages, cores, caches, memory and devices of this machine",
          }),
        ),
      ),
    ),
    el("h2", {}, "What another machine could run"),
    drop(name => {
      location.hash = `#recommend?${new URLSearchParams({ machine: name })}`;
    }),
  );
  onLeave(follow("/machine/use/events", { use: use.draw }));
}

// Figures, and what is not known with the command that finds it out.
function factList(facts) {
  return el("dl", { class: "known" },
    facts.facts.map(fact => el("div", {}, el("dt", {}, fact.name), el("dd", { title: fact.source }, fact.text))),
    facts.unknowns.map(one =>
      el("div", {},
        el("dt", {}, one.name),
        el("dd", { class: "doubtful" },
          `unknown (${one.reason})`,
          one.command ? [". Find out: ", el("code", {}, one.command)] : "",
        ),
      )
    ),
  );
}

// Meters of what is in use, each with the last two minutes, and what is deployed.
function live(machine) {
  const meters = new Map();
  const node = el("div", { class: "meters" });
  const deployed = el("div", {}, el("p", { class: "soft" }, "…"));
  let listed = null;
  const meter = name => {
    if (!meters.has(name)) {
      const parts = {
        words: el("span", { class: "value" }, "…"),
        bar: el("span", { class: "fill" }),
        trace: el("path", { class: "trace" }),
        values: [],
      };
      parts.level = el("div", {
        class: "level",
        role: "meter",
        "aria-label": name,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        hidden: true,
      }, parts.bar);
      parts.spark = el("svg", {
        class: "spark",
        viewBox: `0 0 ${kept - 1} 100`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      }, parts.trace);
      node.append(
        el("div", { class: "meter" }, el("p", {}, el("b", {}, name), " ", parts.words), parts.level, parts.spark),
      );
      meters.set(name, parts);
    }
    return meters.get(name);
  };
  // share is null where it cannot be read: that is said, and drawn as nothing.
  function move(name, share, words) {
    const parts = meter(name);
    parts.words.textContent = words;
    parts.level.hidden = share === null;
    parts.spark.classList.toggle("nothing", share === null && parts.values.every(value => value === null));
    if (share !== null) {
      const percent = Math.round(Math.min(Math.max(share, 0), 1) * 100);
      parts.bar.style.width = `${percent}%`;
      parts.level.setAttribute("aria-valuenow", percent);
      parts.level.setAttribute("aria-valuetext", words);
    }
    parts.values.push(share);
    if (parts.values.length > kept) parts.values.shift();
    const first = kept - parts.values.length;
    parts.trace.setAttribute("d", parts.values.map((value, index) => value === null ? ""
      : `${index && parts.values[index - 1] !== null ? "L" : "M"}${first + index} ${(98 - value * 96).toFixed(1)}`).join(""));
  }
  meter("Memory");
  meter("Processors");

  function draw(use) {
    const { totalBytes: total, availableBytes: free } = use.memory;
    move(
      "Memory",
      total !== null && free !== null ? (total - free) / total : null,
      total === null
        ? "unknown"
        : free === null
        ? `${bytes(total)}; usage not readable here`
        : `${bytes(total - free)} of ${bytes(total)}`,
    );
    const busy = use.cpu.utilization;
    move("Processors", busy, busy === null ? "not readable here" : `${Math.round(busy * 100)}% busy`);
    use.accelerators.forEach((gpu, index) => {
      const name = use.accelerators.length > 1 ? `GPU ${index}` : "GPU";
      const room = gpu.totalBytes, used = gpu.usedBytes;
      move(
        `${name} memory`,
        room && used !== null ? used / room : null,
        room && used !== null ? `${bytes(used)} of ${bytes(room)}` : "not readable here",
      );
      move(
        `${name} compute`,
        gpu.utilization,
        gpu.utilization === null ? "not readable here" : `${Math.round(gpu.utilization * 100)}% busy`,
      );
    });
    const text = JSON.stringify(use.deployments);
    if (text === listed) return;
    listed = text;
    deployed.replaceChildren(
      use.deployments.length
        ? table("Deployments of this machine", [
          ["Name", row => el("a", { href: "#deployments" }, row.name)],
          ["State", row => el("span", { class: states[row.state] }, row.state)],
          ["Memory", row => bytes(row.residentBytes) ?? "unknown", "n"],
          ...(machine.accelerators?.length
            ? [["GPU memory", row => bytes(row.acceleratorBytes) ?? "unknown", "n"]]
            : []),
        ], use.deployments)
        : el("p", { class: "soft" },
          "Nothing is deployed. ",
          el("a", { href: "#recommend" }, "See what runs well here"),
        ),
    );
  }
  return { node, deployed, draw };
}

export default { title: "This machine", show };
