/** Strokes of a pen: points in, smooth lines on a canvas out, at any size. */

const PAPER = "#fdfdfa";
const INK = "#1d2433";

/** A drawing. All lengths are in widths of the paper, so it can be painted at any resolution. */
export class Ink {
  #strokes = []; // {width, points: [x, y][]}

  get isEmpty() {
    return this.#strokes.length === 0;
  }

  /** The pen comes down; `width` is its thickness. */
  begin(point, width) {
    this.#strokes.push({ width, points: [point] });
  }

  /** The pen moves on. */
  extend(point) {
    this.#strokes.at(-1).points.push(point);
  }

  undo() {
    this.#strokes.pop();
  }

  clear() {
    this.#strokes = [];
  }

  /** Paints paper and ink over the whole canvas. */
  paint(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = PAPER;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.scale(canvas.width, canvas.width);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = INK;
    for (const { width, points } of this.#strokes) {
      context.lineWidth = width;
      context.stroke(smooth(points));
    }
  }

  /**
   * The drawing as a picture file.
   * @param {number} width pixels
   * @param {number} height pixels
   * @param {string} name
   * @returns {Promise<File>} PNG
   */
  async toFile(width, height, name) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    this.paint(canvas);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new File([blob], `${name}.png`, { type: "image/png" });
  }
}

/** Quadratic curves from midpoint to midpoint, each point pulling its curve: what the hand meant between the events. */
export function smooth(points) {
  const path = new Path2D();
  const [[x, y]] = points;
  path.moveTo(x, y);
  for (let index = 1; index < points.length - 1; index++) {
    const [[pullX, pullY], [nextX, nextY]] = [points[index], points[index + 1]];
    path.quadraticCurveTo(pullX, pullY, (pullX + nextX) / 2, (pullY + nextY) / 2);
  }
  const [lastX, lastY] = points.at(-1);
  path.lineTo(lastX + 1e-4, lastY); // the hair's breadth makes a lone point a dot
  return path;
}
