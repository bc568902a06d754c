// What the page draws of a whole screenshot: its widgets outlined, and a list of them beside it.
"use strict";

/** A crop of one widget may be wide or tall, but hardly both. */
const WIDEST_CROP_PX = 240;
const MARK_ROOM_PX = 2;
const LOUPE = { width_px: 264, height_px: 96, room: 0.6, largest: 6 };

const isScreen = (image) => Math.min(image.naturalWidth, image.naturalHeight) > WIDEST_CROP_PX;

function tellScreen(card, answer) {
  const { widgets } = answer;
  card.querySelector("h2").textContent = summary(widgets);
  card.querySelector("img").alt = `${answer.name}: ${summary(widgets)}`;
  card.querySelector(".note").textContent = answer.note || "";
  if (!widgets.length) return;
  const list = card.querySelector(".widgets");
  const marks = card.querySelector(".marks");
  const ordered = [...widgets].sort((one, other) => one.centre.y_px - other.centre.y_px || one.centre.x_px - other.centre.x_px);
  list.setAttribute("aria-label", `Widgets on ${answer.name}, from top to bottom`);
  list.replaceChildren(...ordered.map(listed));
  marks.replaceChildren(...ordered.map((widget) => marked(widget, answer)), tip());
  list.hidden = marks.hidden = false;
  list.querySelector("button").tabIndex = 0;
  connect(card, ordered);
}

function summary(widgets) {
  if (!widgets.length) return "No widget found";
  const counts = new Map();
  for (const { state } of widgets) counts.set(state, (counts.get(state) || 0) + 1);
  const states = [...counts].sort((one, other) => other[1] - one[1]).map(([state, count]) => `${count} ${state}`);
  return `${widgets.length} ${widgets.length === 1 ? "widget" : "widgets"}: ${states.join(", ")}`;
}

function listed(widget) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const [swatch, what, words, sure] = ["i", "span", "small", "output"].map((tag) => document.createElement(tag));
  button.type = "button";
  button.tabIndex = -1;
  swatch.className = "swatch";
  swatch.dataset.state = widget.state;
  what.textContent = `${widget.kind}, ${widget.state}`;
  words.textContent = widget.label || `at ${Math.round(widget.centre.x_px)}, ${Math.round(widget.centre.y_px)}`;
  if (widget.enabled === false) words.textContent += ", disabled";
  sure.textContent = percent(Math.min(widget.confidence, widget.state_confidence));
  what.append(words);
  button.append(swatch, what, sure);
  item.append(button);
  return item;
}

/** An outline that leaves the widget itself to be seen. */
function marked(widget, { width_px: width, height_px: height }) {
  const mark = document.createElement("span");
  const { left_px, top_px, width_px, height_px } = widget.box;
  mark.className = "mark";
  mark.dataset.state = widget.state;
  mark.style.left = `calc(${(100 * left_px) / width}% - ${MARK_ROOM_PX}px)`;
  mark.style.top = `calc(${(100 * top_px) / height}% - ${MARK_ROOM_PX}px)`;
  mark.style.width = `calc(${(100 * width_px) / width}% + ${2 * MARK_ROOM_PX}px)`;
  mark.style.height = `calc(${(100 * height_px) / height}% + ${2 * MARK_ROOM_PX}px)`;
  return mark;
}

function tip() {
  const element = document.createElement("span");
  element.className = "tip";
  element.hidden = true;
  return element;
}

/** Show a widget in both places, whichever of the two is pointed at or has the focus. */
function connect(card, widgets) {
  const list = card.querySelector(".widgets");
  const marks = [...card.querySelectorAll(".mark")];
  const buttons = [...list.querySelectorAll("button")];
  const point = (index) => {
    marks.forEach((mark, each) => mark.classList.toggle("active", each === index));
    buttons.forEach((button, each) => button.classList.toggle("active", each === index));
    tellTip(card, widgets[index], marks[index]);
    enlarge(card, widgets[index]);
  };
  const rest = () => point(buttons.indexOf(document.activeElement));
  buttons.forEach((button, index) => {
    button.addEventListener("focus", () => {
      buttons.forEach((each) => (each.tabIndex = each === button ? 0 : -1));
      point(index);
    });
    button.addEventListener("blur", rest);
    button.addEventListener("mouseenter", () => point(index));
    button.addEventListener("mouseleave", rest);
  });
  marks.forEach((mark, index) => {
    mark.addEventListener("mouseenter", () => {
      point(index);
      reveal(list, buttons[index]);
    });
    mark.addEventListener("mouseleave", rest);
    mark.addEventListener("click", () => buttons[index].focus({ preventScroll: true }));
  });
  list.onkeydown = (event) => {
    const here = buttons.indexOf(document.activeElement);
    const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (here < 0 || there === undefined) return;
    event.preventDefault();
    buttons[Math.min(Math.max(there, 0), buttons.length - 1)].focus();
  };
}

/** Scroll the list alone; the screenshot under the pointer stays where it is. */
function reveal(list, button) {
  const top = button.offsetTop - list.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top;
  const below = top + button.offsetHeight - list.clientHeight;
  if (below > list.scrollTop) list.scrollTop = below;
}

function tellTip(card, widget, mark) {
  const element = card.querySelector(".tip");
  element.hidden = !widget;
  if (!widget) return;
  element.textContent = `${widget.kind}, ${widget.state} ${percent(widget.state_confidence)} · a widget ${percent(widget.confidence)}`;
  const room = element.parentElement;
  const left = mark.offsetLeft + mark.offsetWidth / 2 - element.offsetWidth / 2;
  const above = mark.offsetTop - element.offsetHeight - 6;
  element.style.left = `${Math.min(Math.max(left, 0), Math.max(0, room.clientWidth - element.offsetWidth))}px`;
  element.style.top = `${above >= 0 ? above : mark.offsetTop + mark.offsetHeight + 6}px`;
}

/** Draw a widget and what is around it, pixel by pixel. */
function enlarge(card, widget) {
  const canvas = card.querySelector(".loupe");
  if (!widget) return; // the one before stays, and nothing below it jumps
  const image = card.querySelector("img");
  const { left_px, top_px, width_px, height_px } = widget.box;
  const room = LOUPE.room * Math.min(width_px, height_px);
  const zoom = Math.min(LOUPE.width_px / (width_px + 2 * room), LOUPE.height_px / (height_px + 2 * room), LOUPE.largest);
  const [width, height] = [LOUPE.width_px / zoom, LOUPE.height_px / zoom];
  canvas.hidden = false;
  canvas.width = LOUPE.width_px;
  canvas.height = LOUPE.height_px;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = zoom < 1;
  const [left, top] = [left_px + width_px / 2 - width / 2, top_px + height_px / 2 - height / 2];
  context.drawImage(image, left, top, width, height, 0, 0, canvas.width, canvas.height);
}
