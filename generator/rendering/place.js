// Shows a screen of [HTML, share of the way that what scrolls is scrolled] and returns, as JSON: {lies, size: [width,
// height], items: [{number, box, visible, veiled, label: {box, text} or null}]}, in CSS pixels. `box` is what its
// containers and the screen leave of the widget, `visible` the share of it that is seen, `veiled` says that a shade lies
// over it. Also defines bareScreen(), which takes the widgets away and leaves their room.
async ([html, share]) => {
  const lies = await window.putSheet(html);
  window.bareScreen = () => document.body.classList.add('bare');
  document.body.classList.remove('bare');
  const screen = document.querySelector('.screen');
  for (const one of document.querySelectorAll('[data-scroll]'))
    one.scrollTop = Math.round(share * (one.scrollHeight - one.clientHeight));
  const whole = screen.getBoundingClientRect();
  const meet = (one, two) => {
    const x = Math.max(one.x, two.x), y = Math.max(one.y, two.y);
    const right = Math.min(one.right, two.right), bottom = Math.min(one.bottom, two.bottom);
    return {x, y, right, bottom, width: Math.max(0, right - x), height: Math.max(0, bottom - y)};
  };
  // What the containers around an element leave to be seen.
  const frames = new Map([[screen, meet(whole, whole)]]);
  const frameOf = (element) => {
    if (!frames.has(element)) {
      const outer = frameOf(element.parentElement);
      const clips = getComputedStyle(element).overflow !== 'visible';
      frames.set(element, clips ? meet(outer, element.getBoundingClientRect()) : outer);
    }
    return frames.get(element);
  };
  const POINTS = [0.08, 0.29, 0.5, 0.71, 0.92];
  const seen = (box, element) => {
    let free = 0, veiled = false;
    for (const right of POINTS)
      for (const down of POINTS) {
        const hit = document.elementFromPoint(box.x + right * box.width, box.y + down * box.height);
        if (!hit || element.contains(hit) || hit.contains(element)) free++;
        else if (hit.closest('[data-veil]')) { free++; veiled = true; }
      }
    return {free: free / POINTS.length ** 2, veiled};
  };
  const rect = ([x, y, width, height]) => ({x, y, width, height, right: x + width, bottom: y + height});
  const list = (box) => [box.x, box.y, box.width, box.height];
  const labelOf = (item, number) => {
    const words = document.querySelector(`[data-for="${number}"]`);
    const inner = item.querySelector('.host').shadowRoot.querySelector('[data-label]');
    const element = words?.textContent ? words : inner;
    if (!element?.textContent.trim()) return null;
    const range = document.createRange();
    range.selectNodeContents(element);
    const box = meet(range.getBoundingClientRect(), frameOf(words?.textContent ? words : item));
    const clear = box.width > 0 && box.height > 0 && seen(box, words?.textContent ? words : item).free >= 0.6;
    return clear ? {box: list(box), text: element.textContent.replace(/\s+/g, ' ').trim()} : null;
  };
  // A family that draws more than the indicator, a plate or a card, may mark the indicator itself.
  const indicatorOf = (row) => {
    const marked = row.querySelector('.host').shadowRoot.querySelector('[data-indicator]');
    if (!marked) return rect(window.placeOf(row).widget);
    const {x, y, width, height} = marked.getBoundingClientRect();
    return rect([x, y, width, height]);
  };
  const items = [...document.querySelectorAll('.item')].map((item) => {
    const number = Number(item.dataset.item);
    const full = indicatorOf(item.firstElementChild);
    const box = meet(full, frameOf(item.parentElement));
    const area = box.width * box.height;
    if (!area || !item.checkVisibility({visibilityProperty: true})) return {number, box: list(box), visible: 0, veiled: false, label: null};
    const {free, veiled} = seen(box, item);
    return {number, box: list(box), visible: free * area / (full.width * full.height), veiled, label: labelOf(item, number)};
  });
  return JSON.stringify({lies, size: [whole.width, whole.height], items});
}
