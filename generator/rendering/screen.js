// Shows a screen of [HTML, height] and returns its widgets' boxes, in CSS pixels: {boxes: [[x, y, width, height] or
// null], lies}, as JSON. An item that would be cut is hidden, and its box is null.
async ([html, height]) => {
  const lies = await window.putSheet(html);
  const boxes = [...document.querySelectorAll('.screen .item')].map((item) => {
    const room = item.getBoundingClientRect();
    const [x, y, width, height_] = window.placeOf(item.querySelector('.row.main')).widget;
    const whole = room.bottom <= height && x >= room.left - 1 && x + width <= room.right + 1;
    if (!whole) item.style.visibility = 'hidden';
    return whole ? [x, y, width, height_] : null;
  });
  return JSON.stringify({boxes, lies});
}
