// Run once a page; defines
//   putSheet(html): shows HTML, its widgets as they will be photographed; returns the lies: the widgets of libraries
//     whose state in the DOM is not their label,
//   placeOf(row): where a row's widget and label lie, in CSS pixels: {widget: [x, y, width, height], label: … or null}.
() => {
  // Nothing may move while the picture is taken; the caret blinks.
  const still = new CSSStyleSheet();
  still.replaceSync('*{animation:none!important;transition:none!important;caret-color:transparent!important}');

  window.putSheet = async (html) => {
    document.body.setHTMLUnsafe(html);
    const hosts = [...document.querySelectorAll('.host')];
    for (const host of hosts) {
      host.shadowRoot.adoptedStyleSheets = [still];
      for (const input of host.shadowRoot.querySelectorAll('[data-indeterminate]')) input.indeterminate = true;
    }
    const lies = window.dressLibraries ? await window.dressLibraries(hosts) : [];
    await document.fonts.ready;
    return lies;
  };

  const around = (elements) => {
    const rects = elements.map((element) => element.getBoundingClientRect());
    const x = Math.min(...rects.map((rect) => rect.left)), y = Math.min(...rects.map((rect) => rect.top));
    const right = Math.max(...rects.map((rect) => rect.right)), bottom = Math.max(...rects.map((rect) => rect.bottom));
    return [x, y, right - x, bottom - y];
  };

  window.placeOf = (row) => {
    const host = row.querySelector('.host');
    const marked = [...host.shadowRoot.querySelectorAll('[data-box]')];
    const label = row.querySelector('.label') ?? host.shadowRoot.querySelector('[data-label]');
    return {widget: around(marked.length ? marked : [host]), label: label ? around([label]) : null};
  };
}
