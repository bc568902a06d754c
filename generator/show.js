// Shows a sheet and returns where its cells lie, in CSS pixels: {cells: [{cell, widget, label}], lies, height},
// where lies are the widgets of libraries whose state in the DOM is not their label.
async (html) => {
  document.body.setHTMLUnsafe(html);
  const hosts = [...document.querySelectorAll('.host')];
  for (const host of hosts)
    for (const input of host.shadowRoot.querySelectorAll('[data-indeterminate]')) input.indeterminate = true;
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
  // Cells of like height side by side waste less of the picture.
  const heights = new Map([...document.querySelectorAll('.cell')].map((cell) => [cell, cell.offsetHeight]));
  [...heights.keys()].sort((one, two) => heights.get(two) - heights.get(one)).forEach((cell, rank) => (cell.style.order = rank));
  const cells = [...document.querySelectorAll('.cell')].map((cell) => {
    const row = cell.querySelector('.row.main');
    const host = row.querySelector('.host');
    const marked = [...host.shadowRoot.querySelectorAll('[data-box]')];
    const label = row.querySelector('.label') ?? host.shadowRoot.querySelector('[data-label]');
    return {cell: rect(cell), widget: marked.length ? around(marked) : rect(host), label: label ? rect(label) : null};
  });
  return {cells, lies, height: Math.ceil(document.body.getBoundingClientRect().height)};
}
