// Shows a sheet and returns where its cells lie, in CSS pixels: {slots: [[{cell, widget, label}]], lies, height}, as
// JSON, which Playwright hands over faster than objects.
async (html) => {
  document.body.dataset.shown = 0;
  const lies = await window.putSheet(html);
  // Shelves of slots, the highest first, each slot on the first shelf with room: the picture wastes little.
  const width = document.body.clientWidth;
  const slots = [...document.querySelectorAll('.slot')];
  const sizes = new Map(slots.map((slot) => [slot, slot.getBoundingClientRect()]));
  const shelves = [];
  let height = 0;
  for (const slot of slots.toSorted((one, two) => sizes.get(two).height - sizes.get(one).height)) {
    const size = sizes.get(slot);
    let shelf = shelves.find((shelf) => shelf.used + size.width <= width);
    if (!shelf) {
      shelf = {used: 0, top: height};
      shelves.push(shelf);
      height += Math.ceil(size.height);
    }
    slot.style.left = shelf.used + 'px';
    slot.style.top = shelf.top + 'px';
    shelf.used += Math.ceil(size.width);
  }
  document.body.style.height = height + 'px';
  const placed = (cell) => {
    const {x, y, width, height} = cell.getBoundingClientRect();
    return {cell: [x, y, width, height], ...window.placeOf(cell.querySelector('.row.main'))};
  };
  return JSON.stringify({slots: slots.map((slot) => [...slot.children].map(placed)), lies, height});
}
