/** A swipe to the left over a node does something, as in messengers on phones. */

const FAR_ENOUGH = 56; // CSS pixels
const FARTHEST = 80;

/**
 * Lets fingers pull the nodes within `area` that fit `selector`.
 * @param {HTMLElement} area
 * @param {string} selector
 * @param {(node: HTMLElement) => void} onSwipe
 */
export function swipes(area, selector, onSwipe) {
  let pulled = null; // {node, from, id, way}

  area.addEventListener("pointerdown", (event) => {
    const node = event.target.closest(selector);
    const byFinger = node && event.isPrimary && event.pointerType === "touch";
    pulled = byFinger ? { node, from: event.clientX, id: event.pointerId, way: 0 } : null;
  });
  area.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pulled?.id) return;
    pulled.way = Math.min(Math.max(pulled.from - event.clientX, 0), FARTHEST);
    pulled.node.style.transform = `translateX(${-pulled.way}px)`;
  });
  const end = (event) => {
    if (event.pointerId !== pulled?.id) return;
    pulled.node.style.transform = "";
    if (event.type === "pointerup" && pulled.way >= FAR_ENOUGH) onSwipe(pulled.node);
    pulled = null;
  };
  area.addEventListener("pointerup", end);
  area.addEventListener("pointercancel", end);
}
