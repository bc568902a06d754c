// Shows a sheet and returns where its cells lie, in CSS pixels: {slots: [[{cell, widget, label}]], lies, heights}, as
// JSON, which Playwright hands over faster than objects. The heights are those of the whole sheet, and of as much of it
// as holds slots with a second cell, with a third, and so on.
async (html) => {
  const lies = await window.putSheet(html);
  // Shelves of slots, the highest first, each slot on the first shelf with room: the picture wastes little. Slots of
  // many cells come before all others, so that the pictures of their further cells are small.
  const width = document.body.clientWidth;
  const slots = [...document.querySelectorAll('.slot')];
  const sizes = new Map(slots.map((slot) => [slot, slot.getBoundingClientRect()]));
  const shelves = [];
  const heights = [0];
  let height = 0;
  for (const slot of slots.toSorted((one, two) => two.children.length - one.children.length || sizes.get(two).height - sizes.get(one).height)) {
    const size = sizes.get(slot);
    let shelf = shelves.find((shelf) => shelf.used + size.width <= width && size.height <= shelf.height);
    if (!shelf) {
      shelf = {used: 0, top: height, height: size.height};
      shelves.push(shelf);
      height += Math.ceil(size.height);
    }
    slot.style.left = shelf.used + 'px';
    slot.style.top = shelf.top + 'px';
    for (let variant = 1; variant < slot.children.length; variant++)
      heights[variant] = Math.max(heights[variant] ?? 0, shelf.top + Math.ceil(size.height));
    shelf.used += Math.ceil(size.width);
  }
  document.body.style.height = height + 'px';
  heights[0] = height;
  const placed = (cell) => {
    const {x, y, width, height} = cell.getBoundingClientRect();
    return {cell: [x, y, width, height], ...window.placeOf(cell.querySelector('.row.main'))};
  };
  return JSON.stringify({slots: slots.map((slot) => [...slot.children].map(placed)), lies, heights});
}
