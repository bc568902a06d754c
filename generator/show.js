// Shows a sheet and returns where its cells lie, in CSS pixels: {slots: [[{cell, widget, label}]], lies, height}, as
// JSON, which Playwright hands over faster than objects. Lies are the widgets of libraries whose state in the DOM is
// not their label.
async (html) => {
  document.body.dataset.shown = 0;
  document.body.setHTMLUnsafe(html);
  const hosts = [...document.querySelectorAll('.host')];
  // Nothing may move while the picture is taken; the caret blinks.
  const still = new CSSStyleSheet();
  still.replaceSync('*{animation:none!important;transition:none!important;caret-color:transparent!important}');
  for (const host of hosts) {
    host.shadowRoot.adoptedStyleSheets = [still];
    for (const input of host.shadowRoot.querySelectorAll('[data-indeterminate]')) input.indeterminate = true;
  }
  const lies = window.dressLibraries ? await window.dressLibraries(hosts) : [];
  await document.fonts.ready;
  const rect = (element) => {
    const r = element.getBoundingClientRect();
    return [r.x, r.y, r.width, r.height];
  };
  const around = (elements) => {
    const rs = elements.map((element) => element.getBoundingClientRect());
    const x = Math.min(...rs.map((r) => r.left)), y = Math.min(...rs.map((r) => r.top));
    return [x, y, Math.max(...rs.map((r) => r.right)) - x, Math.max(...rs.map((r) => r.bottom)) - y];
  };
  const placed = (cell) => {
    const row = cell.querySelector('.row.main');
    const host = row.querySelector('.host');
    const marked = [...host.shadowRoot.querySelectorAll('[data-box]')];
    const label = row.querySelector('.label') ?? host.shadowRoot.querySelector('[data-label]');
    return {cell: rect(cell), widget: marked.length ? around(marked) : rect(host), label: label ? rect(label) : null};
  };
  // Shelves of slots, the highest first, each slot on the first shelf with room: the picture wastes little.
  const width = document.body.clientWidth;
  const slots = [...document.querySelectorAll('.slot')];
  const sizes = new Map(slots.map((slot) => [slot, slot.getBoundingClientRect()]));
  const shelves = [];
  for (const slot of slots.toSorted((one, two) => sizes.get(two).height - sizes.get(one).height)) {
    const size = sizes.get(slot);
    let shelf = shelves.find((shelf) => shelf.used + size.width <= width);
    if (!shelf) {
      const last = shelves.at(-1);
      shelf = {used: 0, top: last ? last.top + last.height : 0, height: Math.ceil(size.height)};
      shelves.push(shelf);
    }
    slot.style.left = shelf.used + 'px';
    slot.style.top = shelf.top + 'px';
    shelf.used += Math.ceil(size.width);
  }
  const last = shelves.at(-1);
  document.body.style.height = (last ? last.top + last.height : 0) + 'px';
  return JSON.stringify({
    slots: slots.map((slot) => [...slot.children].map(placed)),
    lies,
    height: last ? last.top + last.height : 0,
  });
}
