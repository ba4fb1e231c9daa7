import { el, field, notice, pairs, problem, say, table } from "./dom.js";
import { follow, get, part, post, remove } from "./api.js";
import { bytes, digits, moment, seconds, states } from "./units.js";
import { jobTable, progress } from "./jobs.js";
import { talk } from "./chat.js";

const isOver = state => state === "failed" || state === "must-fetch-again";

async function show(place, words, onLeave) {
  const jobs = el("div", {}), list = el("div", {}), detail = el("div", {}), past = el("div", {});
  const hub = models(job => begin(job));
  place.append(jobs, list, detail, hub.node, past);
  const begin = job => jobs.prepend(progress(job, onLeave, () => { hub.update(); update(); }));
  const all = (await get("/jobs?limit=20")).jobs;
  for (
    const job of all.filter(job =>
      ["deploy", "restart", "download"].includes(job.kind) && (job.state === "running" || job.id === words.get("job"))
    ).reverse()
  ) begin(job);

  // A deployment's card stays as it is while its figures change: nobody loses what they are about to press.
  const cards = new Map();
  async function update() {
    const { deployments } = await get("/deployments");
    const names = new Set(deployments.map(row => row.deployment.name));
    for (const [name, card] of cards)
      if (!names.has(name)) {
        card.node.remove();
        cards.delete(name);
      }
    if (!deployments.length)
      list.replaceChildren(
        el("p", { class: "soft" }, "Nothing is deployed. ", el("a", { href: "#plan" }, "Plan a model to deploy it")),
      );
    else if (!cards.size) list.replaceChildren();
    for (const row of deployments) {
      const name = row.deployment.name;
      if (!cards.has(name)) { cards.set(name, card(name)); list.append(cards.get(name).node); }
      cards.get(name).draw(row);
    }
    const { jobs: latest } = await get("/jobs?limit=20"), words = JSON.stringify(latest.map(job => [job.id, job.state]));
    if (words !== past.dataset.words) { past.dataset.words = words; past.replaceChildren(jobTable(latest)); }
  }

  function card(name) {
    const state = el("span", {}), facts = el("dl", { class: "facts" }), trouble = el("div", {});
    const button = (title, action) =>
      el("button", {
        class: "plain",
        type: "button",
        "aria-label": `${title} ${name}`,
        onclick: event => action(name, event.target),
      }, title);
    const [chat, measure, restarter] = [
      button("Chat", showChat),
      el("a", { class: "file", href: `#measure?deployment=${part(name)}` }, "Measure"),
      button("Restart", restart),
    ];
    let told = null;
    function draw({ deployment, usage, isOrphan, isLeftAlone }) {
      state.className = states[deployment.state] ?? "";
      state.textContent = deployment.state;
      const rows = [
        ["Health", health(deployment, isOrphan, isLeftAlone)],
        ["Engine", [deployment.engine, deployment.engineBuild].filter(Boolean).join(" ")],
        ["Address", `http://${deployment.address.host}:${deployment.address.port}`],
        ["Memory", memory(usage, deployment)],
        ["Answered", usage?.requests === undefined ? null : `${digits(usage.requests)} requests`],
      ];
      facts.replaceChildren(...pairs(rows));
      chat.disabled = deployment.state !== "ready";
      measure.hidden = deployment.state !== "ready";
      restarter.disabled = ["starting", "loading", "restarting", "stopping"].includes(deployment.state);
      const failure = isOver(deployment.state) ? deployment.failedAt ?? 0 : null;
      if (failure !== told) { told = failure; explain(name, deployment, trouble); }
    }
    return { draw, node: el("section", { class: "card", "aria-label": name }, el("h2", {}, name, " ", state), trouble, facts,
      el("div", { class: "actions" }, chat, button("Log", showLog), measure, restarter, button("Stop", stop))) };
  }

  // Why it failed, what to do, and the last words of its log.
  async function explain(name, deployment, place) {
    if (!isOver(deployment.state)) { place.replaceChildren(); return; }
    place.replaceChildren(deployment.failure ? problem(deployment.failure) : notice("It ended for an unknown reason"));
    try {
      const log = (await get(`/deployments/${part(name)}/log?lines=8`)).trim();
      if (log)
        place.append(
          el("p", { class: "label" }, "Last lines of its log"),
          el("pre", { tabindex: 0, "aria-label": `Last lines of the log of ${name}` }, log),
        );
    } catch { /* The reason stands without its log. */ }
  }

  async function restart(name, button) {
    button.disabled = true;
    try {
      begin(await post(`/deployments/${part(name)}/restart`));
    } catch (error) {
      detail.replaceChildren(problem(error));
      button.disabled = false;
    }
  }

  async function stop(name, button) {
    button.disabled = true;
    try {
      await remove(`/deployments/${part(name)}`);
      endDetail();
      detail.replaceChildren(notice(`Stopped ${name}; its memory is free, its model and log stay`, "good"));
      say(`${name} stopped`);
    } catch (error) { detail.replaceChildren(problem(error)); button.disabled = false; }
    await update();
  }

  let endDetail = () => {};
  onLeave(() => endDetail());
  function showLog(name) {
    endDetail();
    const log = el("pre", { class: "log", tabindex: 0, "aria-label": `Log of ${name}` });
    let held = null;
    const add = text => {
      const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
      log.append(text);
      // The beginning of a log that grows for days is in its file.
      while (log.childNodes.length > 2000) log.firstChild.remove();
      if (isAtEnd) log.scrollTop = log.scrollHeight;
    };
    const pause = el("button", { class: "plain", type: "button", "aria-pressed": "false", onclick: () => {
      if (held) { const lines = held; held = null; lines.forEach(add); } else held = [];
      pause.textContent = held ? "Resume" : "Pause";
      pause.setAttribute("aria-pressed", String(Boolean(held)));
    } }, "Pause");
    detail.replaceChildren(el("h2", {}, `Log of ${name}`), el("div", { class: "actions" }, pause), log);
    endDetail = follow(`/deployments/${part(name)}/log/events`, {
      lines: ({ text }) => { if (held) held.push(text); else add(text); },
      problem: reason => detail.append(problem(reason)),
      end: () => { pause.hidden = true; },
    });
    detail.scrollIntoView({ block: "nearest" });
  }
  function showChat(name) {
    endDetail();
    const { node, end } = talk(name);
    detail.replaceChildren(el("h2", {}, `Chat with ${name}`), node);
    node.querySelector("[name=prompt]").focus();
    endDetail = end;
  }
  await update();
  if (words.get("chat") && cards.has(words.get("chat"))) showChat(words.get("chat"));
  const timer = setInterval(() => update().catch(() => {}), 3000);
  onLeave(() => clearInterval(timer));
}

function health(deployment, isOrphan, isLeftAlone) {
  const now = Date.now() / 1000, parts = [];
  if (deployment.state === "ready") {
    const since = deployment.startedAt + (deployment.readySeconds ?? 0);
    parts.push(`ready for ${span(now - since)}, since ${moment(since)} UTC`);
    if (deployment.readySeconds) parts.push(`first token after ${seconds(deployment.readySeconds)}`);
  } else if (isOver(deployment.state))
    parts.push(
      deployment.failedAt
        ? `failed ${span(now - deployment.failedAt)} ago, at ${moment(deployment.failedAt)} UTC`
        : "failed",
    );
  else parts.push(`${deployment.state} for ${span(now - deployment.startedAt)}`);
  if (deployment.restarts) parts.push(`restarted ${deployment.restarts} ${deployment.restarts === 1 ? "time" : "times"}`);
  if (!isOver(deployment.state) && deployment.failure) parts.push(`last error: ${deployment.failure.message}`);
  if (isLeftAlone) parts.push("supervisor gone: no automatic restart");
  if (isOrphan) parts.push("orphan: the command that started it is gone");
  return parts.join("; ");
}

function span(count) {
  if (count < 90) return `${Math.max(0, Math.round(count))} s`;
  if (count < 5400) return `${Math.round(count / 60)} min`;
  return count < 172800 ? `${Math.round(count / 3600)} h` : `${Math.round(count / 86400)} days`;
}

function memory(usage, deployment) {
  if (!usage) return null;
  return [bytes(usage.residentBytes), usage.acceleratorBytes !== undefined ? `${bytes(usage.acceleratorBytes)} on GPUs` : null,
    deployment.plannedBytes !== undefined ? `planned ${bytes(deployment.plannedBytes)}` : null].filter(Boolean).join(", ");
}

// The models of this machine, and those of the Hub to fetch.
function models(begin) {
  const here = el("div", {}), found = el("div", { "aria-live": "polite" });
  const plan = name => el("a", { href: `#plan?${new URLSearchParams({ model: name })}` }, "Plan");
  const update = () =>
    get("/models").then(({ models, applications }) => {
      const rows = [
        ...applications.map(model => ({ name: model.name, bytes: model.bytes, words: model.application ?? "" })),
        ...models.map(model => ({
          name: `hf:${model.name}`,
          bytes: model.bytes,
          words: model.unfinished.length
            ? "incomplete"
            : model.snapshots.at(-1)?.files.map(file => file.name ?? file.path).filter(name =>
              name?.endsWith(".gguf")
            ).join(", ") ?? "",
        })),
      ];
      here.replaceChildren(
        rows.length
          ? table("Models on this machine", [
            ["Model", row => row.name],
            ["Plan", row => plan(row.name)],
            ["Size", row => bytes(row.bytes), "n"],
            ["Files", row => row.words, "words"],
          ], rows)
          : el("p", { class: "soft" }, "No model is on this machine yet."),
      );
    }).catch(error => here.replaceChildren(problem(error)));

  const search = el(
    "form",
    {
      class: "row",
      onsubmit: async event => {
        event.preventDefault();
        const text = search.elements.text.value.trim();
        // A name is looked up; words are searched for.
        try {
          if (/^hf:|^[\w.-]+\/[\w.-]+/.test(text)) await look(text);
          else await list(text);
        } catch (error) {
          found.append(problem(error));
        }
      },
    },
    field(
      "Find a model by name, or download hf:org/name:Q4_K_M",
      el("input", { name: "text", type: "search", required: true, placeholder: "smollm" }),
    ),
    el("button", { class: "plain" }, "Find"),
  );

  async function list(text) {
    found.replaceChildren(el("p", { class: "soft" }, "Searching…"));
    const known = (await get(`/catalogue/models?${new URLSearchParams({ text })}`)).models.slice(0, 10);
    found.replaceChildren(
      known.length
        ? table("Models known by name", [
          ["Model", model => model.name],
          ["Plan", model => plan(model.name)],
          ["Parameters", model => `${digits(model.parameters / 1e9)}B`, "n"],
          ["License", model => model.license ?? ""],
          ["Released", model => model.released ?? ""],
        ], known)
        : "",
    );
    const { repositories } = await get(`/hub/models?${new URLSearchParams({ text, format: "gguf", files: true })}`);
    found.append(
      repositories.length
        ? table("Models on the Hub", [
          ["Model", row => row.repository.name],
          ["Download", row =>
            el("div", { class: "actions" },
              (row.variants ?? []).slice(0, 12).map(variant =>
                el("button", {
                  type: "button",
                  class: "plain",
                  onclick: () =>
                    look(`hf:${row.repository.name}:${variant.quantization}`).catch(error =>
                      found.prepend(problem(error))
                    ),
                }, `${variant.quantization} ${bytes(variant.bytes)}`)
              ),
            )],
          ["License", row => row.repository.licence ?? ""],
          ["Downloads", row => digits(row.repository.downloads), "n"],
        ], repositories)
        : el("p", { class: "soft" }, "No GGUF model of that name on the Hub."),
    );
  }

  // What would be fetched, before it is.
  async function look(name) {
    const model = name.startsWith("hf:") ? name : `hf:${name}`;
    found.replaceChildren();
    const preview = await get(`/hub/files?${new URLSearchParams({ model })}`);
    const size = bytes(preview.bytes);
    found.replaceChildren(
      el("div", { class: "bar" },
        `${model}: ${size} in ${preview.files.length} ${preview.files.length === 1 ? "file" : "files"}`,
        el("button", {
          type: "button",
          onclick: async event => {
            event.target.disabled = true;
            try {
              begin(await post("/downloads", { model }));
              found.replaceChildren();
            } catch (error) {
              found.append(problem(error));
              event.target.disabled = false;
            }
          },
        }, `Download ${size}`),
      ),
      el("ul", {}, preview.files.slice(0, 20).map(file => el("li", {}, `${file.path}, ${bytes(file.bytes)}`))),
    );
  }
  update();
  return { update, node: el("section", { "aria-label": "Models" }, el("h2", {}, "Models"), search, found, here) };
}

export default { title: "Deployments", show };
