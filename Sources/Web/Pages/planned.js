import { check, copyButton, el, field, notice, pairs, problem, table, values } from "./dom.js";
import { post } from "./api.js";
import { legend, memory, speed } from "./bars.js";
import { band, bytes, digits, seconds, sentence, tokens, verdicts, verdictWords } from "./units.js";

export const named = option => `${option.quantization} ${option.engine}`;
const hasToBeMade = option => option.origin === "made" && !option.repository;
const isRunnable = option => ["fits", "tight"].includes(option.verdict);
const loss = option =>
  option.scoreLost
    ? `${option.scoreLost.source?.kind === "assumed" ? "~" : ""}${(option.scoreLost.value * 100).toFixed(1)}%`
    : "";
// What the headline and the table say already, and engines that nobody asked for.
const toldOtherwise = ["best-quality-that-fits", "not-considered", "wrong-processor"];

// A plan with one of its options in full. The parts stay on the page and are filled anew: what is typed or has the
// focus stays.
export function planned(engines, { onChoose, asked }) {
  const headline = el("div", {}),
    figures = el("dl", { class: "key" }),
    remarks = el("div", {}),
    layout = el("p", { class: "soft" });
  const memoryFigure = el("figure", {}), speedFigure = el("figure", {}), forms = el("div", {}), command = el("div", {});
  const picture = el("div", { class: "answer" }, headline, figures, memoryFigure, speedFigure, layout, remarks, command);
  const deploying = deployForm();
  const rest = el("div", {}, forms, deploying.node);
  let plan = null, option = null;

  const ofEach = (option, length) =>
    engines.contextCounts[option.engine] === "all-slots" ? Math.floor(length / Math.max(option.parallel, 1)) : length;
  // A request's share where several are answered at once.
  function each(option) {
    const { decode, decodeAggregate: all } = option.speed ?? {};
    const count = plan.workload.concurrency;
    if (count <= 1 || !all) return decode;
    const share = name => Math.min(all[name] / count, decode?.[name] ?? Infinity);
    return { low: share("low"), expected: share("expected"), high: share("high") };
  }

  const isQuantized = () =>
    Boolean(plan.model.quantization) && !["F32", "F16", "BF16"].includes(plan.model.quantization.toUpperCase());
  const summary = () => {
    if (!option) return sentence(plan.reasons.at(-1)?.message ?? "Nothing fits");
    const marks = [
      hasToBeMade(option) && "to be converted",
      option.missingTokensPerSecond !== undefined && "slow",
      option.concessions?.length && "changed to fit",
    ].filter(Boolean);
    const words = verdictWords[option.verdict] + (marks.length ? ` (${marks.join(", ")})` : "");
    return `${option.quantization} with ${option.engine}: ${words}`;
  };

  function drawHeadline() {
    const place = `${plan.model.name} on ${plan.machine.name}`;
    if (option) {
      headline.replaceChildren(
        notice(
          `${place}: ${summary()}`,
          option.missingTokensPerSecond !== undefined && isRunnable(option) ? "doubtful" : verdicts[option.verdict],
        ),
      );
      return;
    }
    const reason = plan.reasons.at(-1);
    const isSize = !["no-apple-gpu", "cpu-build", "unknown-memory"].includes(reason?.code) &&
      (!plan.options.length || plan.options.some(one => one.verdict === "does-not-fit"));
    const why = reason?.message ?? "no quantization of the model was found";
    const remedy = reason?.remedy ? `. Try: ${reason.remedy}` : "";
    headline.replaceChildren(notice(`${isSize ? "Nothing fits" : "Cannot run"}: ${place}: ${why}${remedy}`));
  }

  function drawFigures() {
    const one = option && each(option), count = plan.workload.concurrency;
    const all = count > 1 && option?.speed?.decodeAggregate;
    const isReader = option?.speed && !option.speed.decode && option.speed.prefill;
    figures.replaceChildren(...pairs([
      [count > 1 ? "Each request" : "Speed", one && `${digits(one.expected)} tok/s`],
      ["Reads", isReader && `${digits(option.speed.prefill.expected)} tok/s`],
      ["All together", all && `${digits(all.expected)} tok/s`],
      ["TTFT", option?.speed?.timeToFirstToken && seconds(option.speed.timeToFirstToken.expected)],
      ["Memory at most", option && bytes(option.memory?.highBytes)],
      ["Context of each", option && tokens(ofEach(option, option.contextLength))],
      ["Score lost", option && loss(option)],
    ]));
    memoryFigure.hidden = !option?.memory;
    if (option?.memory)
      memoryFigure.replaceChildren(el("figcaption", {}, "Memory"), ...memory(option.memory), legend(option.memory));
    speedFigure.hidden = !one;
    if (one) {
      const most = Math.max(...plan.options.map(row => each(row)?.high ?? 0));
      const least = plan.objective?.leastTokensPerSecond;
      speedFigure.replaceChildren(
        el("figcaption", {}, `Speed of ${count > 1 ? "each" : "one"} request: ${band(one, "tok/s")}`),
        speed(one, most, least),
      );
    }
    const where = option?.placementReason?.message;
    layout.hidden = !where;
    layout.textContent = where ? `Layout: ${where}.` : "";
  }

  // What a reader has to know of the form, the gravest first.
  function drawRemarks() {
    const grave = plan.reasons.filter(reason => reason.code === "beyond-trained-context");
    const least = plan.objective?.leastTokensPerSecond;
    const bound = option?.speed?.bounds?.[0];
    const words = reason => sentence(reason.remedy ? `${reason.message} (${reason.remedy})` : reason.message);
    const lines = [];
    const add = (text, level) => lines.push(el("li", { class: level }, text));
    for (const reason of grave) add(words(reason), "doubtful");
    if (option) {
      if (option.verdict !== "fits") add(words(option.reason), isRunnable(option) ? "doubtful" : "bad");
      if (option.concessions?.length)
        add(`Changed to fit: ${option.concessions.map(one => one.message).join("; ")}.`, "doubtful");
      if (option.missingTokensPerSecond !== undefined && least)
        add(`Slow: below ${digits(least)} tok/s, the minimum for this use.`, "doubtful");
      if (hasToBeMade(option))
        add(
          isQuantized()
            ? "Would need requantizing, which adds to the file's own loss."
            : "No file in Plimsoll's list: search the Hub first, or convert it.",
          "doubtful",
        );
      if (plan.enginesHere && !plan.enginesHere.includes(option.engine))
        add(`${option.engine} is not installed here.`, "doubtful");
      if (bound) add(sentence(bound.message) + (bound.remedy ? ` Faster: ${bound.remedy}.` : ""));
    }
    const told = plan.reasons.slice(0, option ? undefined : -1).filter(reason => !grave.includes(reason));
    for (const reason of told.filter(reason => !toldOtherwise.includes(reason.code))) add(words(reason));
    const others = told.filter(reason =>
      reason.code !== "best-quality-that-fits" && toldOtherwise.includes(reason.code)
    );
    remarks.replaceChildren(
      lines.length ? el("ul", { class: "remarks", "aria-label": "Remarks" }, lines) : "",
      others.length
        ? el("details", {},
          el("summary", {}, `Engines left out (${others.length})`),
          el("ul", {}, others.map(reason => el("li", {}, words(reason)))),
        )
        : "",
    );
  }

  function drawForms(known) {
    const order = [...new Set([...(plan.ranking ?? []), ...plan.options.keys()])].map(index => plan.options[index]);
    const marks = row =>
      [
        verdictWords[row.verdict],
        row.missingTokensPerSecond !== undefined && "slow",
        row.concessions?.length && "changed",
      ].filter(Boolean).join(", ");
    const focused = document.activeElement?.dataset?.form;
    // Sizes that lie on more GPUs or fewer are not to be compared without saying so.
    const areUnlike = new Set(
      order.filter(row => isRunnable(row) && row.placement.devices.length).map(row => row.placement.devices.length),
    ).size > 1;
    const isMany = new Set(order.map(row => row.engine)).size > 1;
    forms.replaceChildren(
      order.length
        ? table(
          "Quantizations: choose one for its memory, speed and command",
          [
            ["Quantization", row =>
              el("button", {
                class: "pick",
                type: "button",
                "aria-pressed": String(row === option),
                "data-form": named(row),
                onclick: () => onChoose(named(row)),
              }, row.quantization + (hasToBeMade(row) ? " *" : ""))],
            ["Engine", row => row.engine],
            ["Verdict", row =>
              el("span", {
                class: row.missingTokensPerSecond !== undefined && isRunnable(row) ? "doubtful" : verdicts[row.verdict],
              }, marks(row))],
            ["Memory at most", row => bytes(row.memory?.highBytes), "n"],
            ["GPUs", row => isRunnable(row) && row.placement.devices.length || "", "n"],
            ["Max context", row =>
              known ? (known.get(named(row)) ? digits(known.get(named(row)).context) : "") : "…", "n"],
            [plan.workload.concurrency > 1 ? "tok/s of each" : "tok/s", row =>
              ["fits", "tight", "thrashes"].includes(row.verdict) && each(row)
                ? `${digits(each(row).expected)} (${digits(each(row).low)}–${digits(each(row).high)})`
                : "", "n"],
            ["TTFT", row =>
              row.speed?.timeToFirstToken ? seconds(row.speed.timeToFirstToken.expected) : "", "n"],
            ["Score lost", loss, "n"],
            ["Why", row =>
              row.reason.message, "words"],
          ].filter(([title]) =>
            title === "Engine" ? isMany : title === "GPUs" ? areUnlike : true
          ),
          order,
          row =>
            row === option ? "chosen choice" : "choice",
          row =>
            onChoose(named(row)),
        )
        : "",
      order.some(hasToBeMade)
        ? el("p", { class: "soft" },
          isQuantized()
            ? "* would need requantizing, which adds to the file's own loss."
            : "* no file in Plimsoll's list; search the Hub first (plimsoll models search).",
        )
        : "",
    );
    if (focused)
      [...forms.querySelectorAll("[data-form]")].find(button => button.dataset.form === focused)?.focus({
        preventScroll: true,
      });
  }

  function drawCommand() {
    if (!option) { command.replaceChildren(); return; }
    const launch = option.launch;
    const text = launch && el("pre", { tabindex: 0, "aria-label": "Launch command" }, launch.command);
    const words = launch ? null : option.repository
      ? el("p", {},
        "For the exact command, plan the file itself: ",
        el("a", {
          href: `#plan?${new URLSearchParams({
            ...asked(),
            model: `hf:${option.repository}${option.engine === "vllm" ? "" : `:${option.quantization}`}`,
          })}`,
        }, `plan ${option.repository}`),
        ".",
      )
      : el("p", {},
        hasToBeMade(option)
          ? "This form has to be converted before it can be started."
          : sentence(option.reason.message),
      );
    command.replaceChildren(
      el("h2", {}, `Command: ${option.quantization} with ${option.engine}`),
      launch ? el("div", { class: "command" }, text, copyButton(text)) : words,
      launch
        ? el("details", {},
          el("summary", {}, "Why each flag"),
          table("Flags", [["Flag", flag => flag.words.join(" ")], ["Reason", flag => flag.reason, "words"]],
            [launch.wrapper, ...launch.flags].filter(Boolean)),
        )
        : "",
    );
  }

  function deployForm() {
    const failed = el("div", {}), why = el("p", { class: "soft" }), title = el("h2", {}, "Deploy on this machine");
    const button = el("button", {}, "Deploy");
    const form = el(
      "form",
      {
        onsubmit: async event => {
          event.preventDefault();
          const { machine, quantizations, ...wishes } = asked();
          button.disabled = true;
          try {
            const job = await post("/deployments", {
              ...wishes,
              ...values(form, ["port", "threads"]),
              quantizations: option.quantization,
              engine: option.engine,
            });
            location.hash = `#deployments?job=${job.id}`;
          } catch (error) {
            failed.replaceChildren(problem(error));
            button.disabled = false;
          }
        },
      },
      field(
        "Name",
        el("input", {
          name: "name",
          maxlength: 64,
          placeholder: "after the model",
          pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*",
        }),
      ),
      field(
        "Port",
        el("input", { name: "port", placeholder: "the first free one", type: "number", min: 1024, max: 65535 }),
      ),
      field("Threads", el("input", { name: "threads", placeholder: "as planned", type: "number", min: 1, max: 4096 })),
      check("agree", "Fetch model and engine where missing"), button);
    return {
      node: el("section", {}, title, why, form, failed),
      draw() {
        const here = !asked().machine;
        const refusal = !here
          ? "You can only deploy on this machine. Clear the Machine field first."
          : !option
          ? "Nothing fits."
          : !isRunnable(option)
          ? sentence(`${option.quantization} ${verdictWords[option.verdict]}`)
          : hasToBeMade(option)
          ? "This form has to be converted first."
          : "";
        title.textContent = option && !refusal
          ? `Deploy ${option.quantization} with ${option.engine}`
          : "Deploy on this machine";
        why.textContent = refusal;
        why.hidden = !refusal;
        form.hidden = Boolean(refusal);
      },
    };
  }

  return {
    picture, rest, ofEach, summary,
    // known: the largest context and number of requests of each form, where they were worked out.
    draw(found, shown, known) {
      [plan, option] = [found, shown];
      drawHeadline();
      drawFigures();
      drawRemarks();
      drawForms(known);
      drawCommand();
      deploying.draw();
    },
  };
}
