// An amount, as a number or as the API has it: { bytes }.
export function bytes(amount) {
  let count = amount?.bytes ?? amount;
  if (count === undefined || count === null) return null;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < 4) { count /= 1024; unit += 1; }
  return `${digits(count)} ${units[unit]}`;
}

export function digits(number) {
  if (number === undefined || number === null) return null;
  if (number >= 1000) return Math.round(number).toLocaleString("en");
  return String(Number(number.toPrecision(3)));
}

export function seconds(value) {
  if (value === undefined || value === null) return null;
  if (value < 1) return `${digits(value * 1000)} ms`;
  return value < 120 ? `${digits(value)} s` : `${digits(value / 60)} min`;
}

// A share, rounded down: 99.9% is not all.
export const percent = share => share >= 1 ? "100%" : `${Math.floor(share * 100 + 1e-9)}%`;

export function band(figure, unit) {
  return figure ? `${digits(figure.expected)} ${unit} (${digits(figure.low)}–${digits(figure.high)})` : null;
}

export const tokens = count => count >= 1024 && count % 1024 === 0 ? `${count / 1024}k` : digits(count);
export const verdicts = { fits: "good", tight: "doubtful", thrashes: "bad", "does-not-fit": "bad", unsupported: "bad" };
export const verdictWords = {
  fits: "fits",
  tight: "tight",
  thrashes: "thrashes",
  "does-not-fit": "does not fit",
  unsupported: "not supported",
};
export const states = {
  ready: "good", loading: "doubtful", starting: "doubtful", restarting: "doubtful", stopping: "soft", stopped: "soft",
  failed: "bad", "must-fetch-again": "bad",
};
export const sentence = text => text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
export const moment = value => new Date(value * 1000).toISOString().slice(0, 16).replace("T", " ");
