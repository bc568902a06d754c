// The page at /: pictures in, predictions out. Each picture is a request of its own; the service puts them together.
// What is drawn of a whole screenshot stands in screen.js.
"use strict";

const AT_A_TIME = 4;
const ROOM_PX = [288, 220];
const LARGEST_ZOOM = 4;
const SCREEN_HEIGHT_PX = 900;
const RETRIES = 5;
const TOKEN = "boxwright-token";

const $ = (id) => document.getElementById(id);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const waiting = [];
const urls = [];
let running = 0;
let cards = 0;
let locked = null;

async function ask(path, options = {}) {
  for (let attempt = 0; ; attempt++) {
    const token = sessionStorage.getItem(TOKEN);
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const reply = await fetch(path, { ...options, headers });
    if (reply.status === 401) {
      await unlocked(token !== null);
      continue;
    }
    if (reply.status === 503 && attempt < RETRIES) {
      const seconds = Number(reply.headers.get("Retry-After")) || 1;
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
      continue;
    }
    const answer = await reply.json().catch(() => ({ detail: `the service answered ${reply.status}` }));
    if (!reply.ok) throw new Error(answer.detail);
    return answer;
  }
}

/** Ask for the token once, however many requests wait for it. */
function unlocked(wrong) {
  if (!locked) {
    $("lock").hidden = false;
    $("refused").textContent = wrong ? "That is not the token." : "";
    $("token").focus();
    locked = new Promise((resolve) => {
      $("lock").addEventListener("submit", (event) => {
        event.preventDefault();
        sessionStorage.setItem(TOKEN, $("token").value);
        $("token").value = "";
        $("lock").hidden = true;
        locked = null;
        resolve();
      }, { once: true });
    });
  }
  return locked;
}

function pictureForm(file) {
  const form = new FormData();
  form.append("file", file, file.name || "pasted.png");
  return form;
}

function add(files) {
  for (const file of files) {
    const card = $("card").content.cloneNode(true).firstElementChild;
    cards += 1;
    card.querySelector(".name").textContent = file.name || "pasted picture";
    card.querySelector("img").addEventListener("load", () => begin(card, file), { once: true });
    card.querySelector("img").addEventListener("error", () => begin(card, file), { once: true });
    for (const choice of card.querySelectorAll(".as input")) {
      choice.name = `as-${cards}`;
      choice.addEventListener("change", () => queue(card, file, choice.value));
    }
    card.querySelector("h2").textContent = "…";
    $("results").append(card);
    show(card, file);
  }
  report();
}

function show(card, file) {
  const url = URL.createObjectURL(file);
  urls.push(url);
  card.querySelector("img").src = url;
}

/** Read a picture as what it looks like; one that the browser cannot show may still be a crop. */
function begin(card, file) {
  const image = card.querySelector("img");
  if (!image.naturalWidth) {
    card.querySelector(".picture").remove();
    queue(card, file, "crop");
    return;
  }
  const as = isScreen(image) ? "screen" : "crop";
  card.querySelector(".as").hidden = false;
  card.querySelector(`.as input[value="${as}"]`).checked = true;
  queue(card, file, as);
}

function queue(card, file, as) {
  const turn = (card.turn = (card.turn || 0) + 1);
  reset(card, as);
  waiting.push({ card, file, as, turn });
  report();
  while (running < AT_A_TIME && waiting.length) work();
}

/** Take an answer away, and make room for one of the other kind. */
function reset(card, as) {
  delete card.dataset.prediction;
  delete card.dataset.done;
  delete card.dataset.explained;
  card.classList.remove("failed");
  card.classList.toggle("screen", as === "screen");
  const heading = card.querySelector("h2");
  heading.className = "";
  heading.textContent = "…";
  card.querySelector(".name").hidden = false;
  for (const part of card.querySelectorAll(".heat, .box, .marks, .why, .loupe, .widgets")) part.hidden = true;
  for (const part of card.querySelectorAll(".place, .note, .said")) part.textContent = "";
  for (const part of card.querySelectorAll(".bars, .widgets, .marks")) part.replaceChildren();
  const why = card.querySelector(".why");
  why.replaceWith(why.cloneNode(true)); // without its listeners
  card.querySelector(".why").setAttribute("aria-pressed", "false");
  resize(card, as);
}

function resize(card, as) {
  const image = card.querySelector("img");
  const stage = card.querySelector(".stage");
  if (!stage || !image.naturalWidth) return;
  const room = Math.min(ROOM_PX[0] / image.naturalWidth, ROOM_PX[1] / image.naturalHeight);
  const tall = Math.min(1, Math.max(SCREEN_HEIGHT_PX / image.naturalHeight, 0.5));
  const zoom = as === "screen" ? tall : room >= 1 ? Math.min(Math.floor(room), LARGEST_ZOOM) : room;
  stage.style.width = `${Math.max(1, Math.round(image.naturalWidth * zoom))}px`;
  stage.classList.toggle("enlarged", zoom > 1);
}

async function work() {
  running += 1;
  const { card, file, as, turn } = waiting.shift();
  const isWanted = () => card.isConnected && card.turn === turn;
  try {
    if (isWanted()) {
      const path = as === "screen" ? "v1/scan" : "v1/predict";
      const answer = await ask(path, { method: "POST", body: pictureForm(file) });
      if (isWanted()) (as === "screen" ? tellScreen : tell)(card, as === "screen" ? answer : answer.predictions[0], file);
    }
  } catch (error) {
    if (isWanted()) fail(card, error);
  }
  running -= 1;
  if (isWanted()) card.dataset.done = as;
  report();
  if (waiting.length && running < AT_A_TIME) work();
}

function tell(card, answer, file) {
  card.dataset.prediction = answer.prediction;
  card.querySelector("h2").textContent = `${answer.prediction}, ${percent(answer.confidence)}`;
  card.querySelector("img").alt = `${answer.name}, taken for ${answer.prediction}`;
  const ranked = Object.entries(answer.probabilities).sort((one, other) => other[1] - one[1]);
  card.querySelector(".bars").replaceChildren(...ranked.map(bar));
  if (answer.kind) card.querySelector(".place").textContent = answer.kind === "none" ? "no widget seen" : answer.kind;
  card.querySelector(".note").textContent = answer.note || "";
  if (answer.box) frame(card, answer.box);
  const why = card.querySelector(".why");
  why.hidden = false;
  why.setAttribute("aria-label", `Heat map of ${answer.name}`);
  why.addEventListener("click", () => toggle(card, why, file));
}

function bar([label, share], index) {
  const item = document.createElement("li");
  const [name, track, fill, number] = ["span", "i", "b", "output"].map((tag) => document.createElement(tag));
  name.textContent = label;
  track.className = "track";
  fill.style.width = `${100 * share}%`;
  number.textContent = percent(share);
  item.classList.toggle("first", index === 0);
  track.append(fill);
  item.append(name, track, number);
  return item;
}

function frame(card, box) {
  const image = card.querySelector("img");
  const place = () => {
    const element = card.querySelector(".box");
    if (!element || !image.naturalWidth) return;
    const left = Math.max(0, box.left_px), top = Math.max(0, box.top_px);
    const right = Math.min(image.naturalWidth, box.left_px + box.width_px);
    const bottom = Math.min(image.naturalHeight, box.top_px + box.height_px);
    element.style.left = `${(100 * left) / image.naturalWidth}%`;
    element.style.top = `${(100 * top) / image.naturalHeight}%`;
    element.style.width = `${(100 * (right - left)) / image.naturalWidth}%`;
    element.style.height = `${(100 * (bottom - top)) / image.naturalHeight}%`;
    element.hidden = false;
  };
  if (image.complete) place();
  else image.addEventListener("load", place, { once: true });
}

async function toggle(card, why, file) {
  const canvas = card.querySelector(".heat");
  const said = card.querySelector(".said");
  const pressed = why.getAttribute("aria-pressed") === "true";
  why.setAttribute("aria-pressed", String(!pressed));
  if (canvas) canvas.hidden = pressed;
  if (pressed || card.dataset.explained) {
    said.textContent = pressed ? "" : card.dataset.explained || said.textContent;
    return;
  }
  why.disabled = true;
  said.textContent = "looking…";
  try {
    const answer = await ask("v1/explain", { method: "POST", body: pictureForm(file) });
    if (canvas) paint(canvas, answer.heat);
    card.dataset.explained = said.textContent = sentence(answer);
  } catch (error) {
    said.textContent = error.message;
    why.setAttribute("aria-pressed", "false");
  }
  why.disabled = false;
  why.focus();
}

/** Draw one pixel a cell; the browser enlarges them smoothly. */
function paint(canvas, heat) {
  const strongest = Math.max(...heat.flat(), 1e-6);
  canvas.width = heat[0].length;
  canvas.height = heat.length;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  heat.flat().forEach((value, index) => {
    const share = Math.max(0, value) / strongest;
    pixels.data.set([255, Math.round(150 * (1 - share)), 0, Math.round(215 * share)], 4 * index);
  });
  context.putImageData(pixels, 0, 0);
}

function sentence(answer) {
  const points = 100 * Math.max(...answer.heat.flat());
  const label = answer.prediction.prediction;
  if (points < 1) return `No single part decides: hiding any one leaves ${label} as it is.`;
  return `Hiding the reddest part takes ${points.toFixed(0)} points off ${label}.`;
}

function fail(card, error) {
  const heading = card.querySelector("h2");
  heading.className = "bad";
  heading.textContent = error.message;
  card.querySelector(".name").hidden = true;
  card.classList.add("failed");
}

function report() {
  const all = document.querySelectorAll(".card").length;
  const done = document.querySelectorAll(".card[data-done]").length;
  $("bar").hidden = all === 0;
  const counts = new Map();
  const count = (what, more) => counts.set(what, (counts.get(what) || 0) + more);
  for (const card of document.querySelectorAll(".card[data-prediction]")) count(card.dataset.prediction, 1);
  for (const card of document.querySelectorAll(".card.screen[data-done]:not(.failed)")) {
    count("widgets on screenshots", card.querySelectorAll(".widgets li").length);
  }
  const parts = [...counts].sort((one, other) => other[1] - one[1]).map(([label, number]) => `${number} ${label}`);
  const failed = document.querySelectorAll(".card.failed").length;
  if (failed) parts.push(`${failed} failed`);
  $("status").textContent = `${done} of ${all} done${parts.length ? `: ${parts.join(", ")}` : ""}`;
}

function clear() {
  urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
  waiting.length = 0;
  $("results").replaceChildren();
  report();
  $("files").focus();
}

function start() {
  $("files").addEventListener("change", (event) => {
    add(event.target.files);
    event.target.value = "";
  });
  $("clear").addEventListener("click", clear);
  document.addEventListener("paste", (event) => add(event.clipboardData.files));
  let depth = 0;
  const over = (change) => $("drop").classList.toggle("over", (depth = Math.max(0, depth + change)) > 0);
  document.addEventListener("dragenter", () => over(1));
  document.addEventListener("dragleave", () => over(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(-depth);
    add(event.dataTransfer.files);
  });
  ask("v1/model").then(
    (model) => ($("model").textContent = `${model.classes.join(", ")} · model ${model.model} · ${model.version}`),
    (error) => ($("model").textContent = error.message),
  );
}

start();
