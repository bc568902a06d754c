// Shows a sheet, still veiled, and returns where its cells lie, in CSS pixels: {slots: [[{cell, widget, label}]], lies,
// height}, as JSON, which Playwright hands over faster than objects. A veiled page is laid out and not painted: its
// picture is taken once the window has the sheet's height and unveil() was called.
async (html) => {
  window.veil();
  const lies = await window.putSheet(html);
  // Whole pixels at every scale, so that the cells of a slot, which are compared, lie alike on the grid of pixels.
  const GRID = 4;
  const onGrid = (length) => Math.ceil(length / GRID) * GRID;
  // What crops show of a cell: widget and label and what they reach beyond them, or all where no reach is given. The rest
  // is cut away before it is painted.
  const seen = (cell) => {
    const {x, y, width, height} = cell.getBoundingClientRect();
    const {widget, label} = window.placeOf(cell.querySelector('.row.main'));
    const found = {cell, widget, label, x, y, left: 0, top: 0, right: width, bottom: height};
    if (!cell.dataset.reach) return found;
    const [up, right, down, left] = cell.dataset.reach.split(' ').map(Number);
    const boxes = label ? [widget, label] : [widget];
    const least = (side) => Math.min(...boxes.map((box) => box[side]));
    const most = (side) => Math.max(...boxes.map((box) => box[side] + box[side + 2]));
    found.left = Math.max(0, Math.floor(least(0) - left - x));
    found.top = Math.max(0, Math.floor(least(1) - up - y));
    found.right = Math.min(width, most(0) + right - x);
    found.bottom = Math.min(height, most(1) + down - y);
    return found;
  };
  const slots = [...document.querySelectorAll('.slot')].map((slot) => [...slot.querySelectorAll('.cell')].map(seen));
  for (const slot of slots) {
    const left = Math.min(...slot.map((one) => one.left)), top = Math.min(...slot.map((one) => one.top));
    for (const one of slot)
      Object.assign(one, {left, top, wide: onGrid(one.right - left), high: onGrid(one.bottom - top)});
  }
  // Shelves of what is seen, the highest first, each on the first shelf with room.
  const width = document.body.clientWidth;
  const shelves = [];
  let height = 0;
  for (const one of slots.flat().toSorted((one, two) => two.high - one.high)) {
    let shelf = shelves.find((shelf) => shelf.used + one.wide <= width);
    if (!shelf) {
      shelf = {used: 0, top: height};
      shelves.push(shelf);
      height += one.high;
    }
    Object.assign(one.cell.parentElement.style, {
      left: shelf.used + 'px', top: shelf.top + 'px', width: one.wide + 'px', height: one.high + 'px'});
    Object.assign(one.cell.style, {left: -one.left + 'px', top: -one.top + 'px'});
    one.across = shelf.used - one.left - one.x;
    one.down = shelf.top - one.top - one.y;
    shelf.used += one.wide;
  }
  const moved = (box, one) => box && [box[0] + one.across, box[1] + one.down, box[2], box[3]];
  const shown = (one) => [one.x + one.left, one.y + one.top, one.right - one.left, one.bottom - one.top];
  const placed = (one) => ({
    cell: moved(shown(one), one), widget: moved(one.widget, one), label: moved(one.label, one)});
  return JSON.stringify({slots: slots.map((slot) => slot.map(placed)), lies, height});
}
