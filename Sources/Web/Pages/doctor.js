import { el, table } from "./dom.js";
import { get } from "./api.js";

const levels = { good: "good", doubtful: "doubtful", broken: "bad", absent: "soft" };
const order = ["broken", "doubtful", "good", "absent"];

async function show(place) {
  const { findings } = await get("/doctor");
  const count = state => findings.filter(finding => finding.state === state).length;
  const broken = count("broken"), doubtful = count("doubtful");
  place.append(el("p", { class: broken ? "notice bad" : doubtful ? "notice doubtful" : "notice good" },
    broken || doubtful ? `${broken} broken, ${doubtful} doubtful` : "Nothing is wrong"));
  const sorted = [...findings].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  place.append(table("Checks", [
    ["Check", finding => finding.check],
    [
      "State",
      finding =>
        el("span", { class: levels[finding.state] },
          finding.state === "absent" ? "missing, not needed" : finding.state,
        ),
    ],
    ["Found", finding => finding.found, "words"],
    ["Fix", finding => finding.remedy, "words"],
  ], sorted));
}

export default { title: "Doctor", show };
