/**
 * Handwriting from a generator: digits as strokes of a pen, each time a little different. The same seed, the same hand.
 *
 * A stroke is {width, points: [x, y][]} as ink.js has it; lengths are in widths of the paper, y goes down.
 */

// Ways in which people write each digit: strokes, parted by "/", of points x,y that the pen passes smoothly, in hundredths
// of the digit's height; a point written twice is a corner. The others are for what is no digit, or could be two.
const SHAPES = {
  0: ["55,0 15,20 5,55 30,97 65,95 88,50 78,12 52,0", "40,2 72,10 86,50 68,93 35,97 10,60 18,15 44,1"],
  1: ["50,0 50,50 49,100", "30,24 54,0 54,0 54,50 53,100", "57,0 51,50 46,100"],
  2: ["10,25 35,0 78,10 78,40 40,75 5,100 5,100 50,98 95,97", "15,12 48,0 80,20 60,58 12,97 12,97 50,94 90,99"],
  3: ["12,12 45,0 78,15 68,40 38,48 38,48 78,58 83,85 45,100 8,88", "17,9 55,0 77,20 48,46 48,46 85,68 58,98 12,91"],
  4: ["22,0 14,30 10,57 10,57 50,58 95,55 / 72,8 70,50 67,100", "60,0 35,33 5,67 5,67 50,67 95,66 / 66,30 64,62 62,100"],
  5: ["27,2 21,42 21,42 55,36 86,60 70,93 35,100 7,88 / 27,2 55,3 88,0", "88,2 55,3 27,3 27,3 21,44 21,44 60,40 83,66 58,97 12,93"],
  6: ["72,0 35,25 11,65 30,98 68,95 83,70 60,51 32,59 16,78", "52,0 22,38 13,73 40,100 76,85 69,60 42,56 16,75"],
  7: ["7,5 50,4 90,2 90,2 63,47 42,100", "10,6 50,3 88,3 88,3 60,50 46,100 / 35,53 62,51 86,50"],
  8: ["78,13 47,0 20,20 46,44 80,70 55,100 22,88 26,65 58,41 80,19 72,8", "70,9 45,0 22,20 48,45 80,74 50,100 20,76 48,46 76,20 68,8"],
  9: ["80,16 47,0 17,25 40,50 73,36 80,13 80,13 75,55 68,100", "77,19 50,0 18,20 27,47 63,42 78,16 78,16 80,60 60,97 25,94"],
  doubt: ["30,8 50,6 66,2 66,2 59,50 50,100"],
  flower: ["29,29 15,12 29,0 44,12 29,29 50,18 59,32 44,42 29,29 41,53 26,59 21,47 29,29 12,50 0,35 12,24 29,29 / 29,31 29,71 27,100 / 28,82 44,69 54,72 44,82 28,84"],
};
const STEP = 0.02; // of a digit's height between the points of a stroke

/** Random numbers from 0 to 1, always the same for a seed (mulberry32, by Tommy Ettinger, public domain). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Somebody's hand. */
export class Hand {
  #random;

  /** @param {number} seed */
  constructor(seed) {
    this.#random = randomFrom(seed);
  }

  /** A number between the two. */
  between(low, high) {
    return low + (high - low) * this.#random();
  }

  /** One of these. */
  oneOf(choices) {
    return choices[Math.floor(this.between(0, choices.length))];
  }

  /**
   * Writes digits in a line, or draws one shape by its name.
   * @param {string} text as "42" or "flower"
   * @param {{x: number, y: number, height: number}} place the line's middle, and the height of a digit
   * @returns {{width: number, points: [number, number][]}[]} strokes, in the order in which the hand makes them
   */
  write(text, { x, y, height }) {
    const signs = text in SHAPES ? [text] : [...text];
    const pen = this.between(0.06, 0.1);
    const slant = this.between(-0.18, 0.1);
    const written = signs.map((sign) => this.#sign(sign, slant));
    const gap = this.between(0.28, 0.4);
    const wide = written.reduce((sum, { right }) => sum + right, gap * (signs.length - 1));
    let left = -wide / 2;
    return written.flatMap(({ strokes, right }) => {
      const shift = left;
      const lift = this.between(-0.53, -0.47);
      left += right + gap;
      const there = ([px, py]) => [x + (px + shift) * height, y + (py + lift) * height];
      return strokes.map((points) => ({ width: pen * height, points: points.map(there) }));
    });
  }

  /** One sign with its left edge at 0, in heights: as a hand would, a bit different in each point. */
  #sign(sign, slant) {
    const shape = this.oneOf(SHAPES[sign]);
    const [wide, turn, size] = [this.between(0.85, 1.1), this.between(-0.07, 0.07), this.between(0.93, 1.07)];
    const moved = ([x, y]) => {
      const down = y - 0.5;
      const across = (x - 0.5) * wide + slant * down;
      return [size * (across - turn * down), size * (down + turn * across) + 0.5];
    };
    const strokes = shape.split(" / ").map((stroke) => smooth(this.#shaken(pointsOf(stroke))).map(moved));
    const xs = strokes.flat().map(([x]) => x);
    const left = Math.min(...xs);
    return { strokes: strokes.map((points) => points.map(([x, y]) => [x - left, y])), right: Math.max(...xs) - left };
  }

  /** Each point a bit aside; both of a corner's the same. */
  #shaken(points) {
    let aside = [0, 0];
    return points.map(([x, y], index) => {
      const isCorner = index > 0 && x === points[index - 1][0] && y === points[index - 1][1];
      if (!isCorner) aside = [this.between(-0.025, 0.025), this.between(-0.025, 0.025)];
      return [x + aside[0], y + aside[1]];
    });
  }
}

function pointsOf(stroke) {
  return stroke.split(" ").map((point) => point.split(",").map((number) => Number(number) / 100));
}

/** A Catmull-Rom spline through the points, at even steps; it breaks at corners. */
function smooth(points) {
  const curve = [points[0]];
  for (let at = 0; at < points.length - 1; at++) {
    const [from, to] = [points[at], points[at + 1]];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length === 0) continue;
    const before = points[at - 1] ?? from;
    const after = points[at + 2] ?? to;
    const steps = Math.max(1, Math.round(length / STEP));
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      curve.push([0, 1].map((axis) => spline(before[axis], from[axis], to[axis], after[axis], t)));
    }
  }
  return curve;
}

function spline(a, b, c, d, t) {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
