"""What is asked of a page in the browser: expressions in JavaScript, each with a plain answer."""

WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"

PICTURES = """Promise.all([...document.images].map(i => i.decode().then(() => true, () => false)
  .then(ok => ({ok, width: i.naturalWidth, shown: i.getBoundingClientRect().width,
  alt: i.alt}))))"""

PLACES = """[...document.images].map(i => { const b = i.getBoundingClientRect();
  return {x: b.x + scrollX, y: b.y + scrollY, width: b.width, height: b.height, scale: 1}; })"""

TOO_WIDE = """[...document.querySelectorAll('table')].filter(t => t.checkVisibility() &&
  t.getBoundingClientRect().right > t.parentElement.getBoundingClientRect().right + 1)
  .map(t => t.caption.textContent.trim())"""

HEADINGS = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"

UNREAD_TABLES = """[...document.querySelectorAll('table')].filter(t => !t.caption ||
  !t.caption.textContent.trim() || [...t.querySelectorAll('th')].some(h => !h.scope) ||
  ![...t.tBodies[0].rows].every(r => r.cells[0].scope === 'row')).length"""

MOVING = """document.getAnimations().length + [...document.querySelectorAll('*')].filter(e =>
  getComputedStyle(e).transitionDuration.split(',').some(d => parseFloat(d) > 0)).length"""

CONTRAST = """(() => {
  const parts = text => { const n = text.match(/[\\d.]+/g).map(Number);
    return n.length < 4 ? [...n, 1] : n; };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const ground = element => { const layers = [];
    for (let e = element; e; e = e.parentElement)
      layers.push(parts(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]); };
  const light = colour => { const [r, g, b] = colour.map(c => { c /= 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const worst = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const under = ground(element);
    const a = light(over(parts(getComputedStyle(element).color), under)), b = light(under);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    worst.push([ratio, element.tagName + ' ' + walk.currentNode.textContent.trim().slice(0, 30)]);
  }
  return worst.sort((x, y) => x[0] - y[0]);
})()"""
