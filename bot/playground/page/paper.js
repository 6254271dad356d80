/** A photo of a sheet of paper that somebody wrote on: its shade, squared lines, light that falls from one side. */

import { smooth } from "./ink.js";

const [WIDTH, HEIGHT] = [1280, 960]; // pixels
const PAPERS = ["#ece6d8", "#e6e8ea", "#f0ead2", "#e3dfd6"];
const PENS = ["#1c2a5e", "#22242b", "#2b3a8c"];
const DARKEST = 0.32; // how much of the light the shadow takes

/**
 * The photo, as a file.
 * @param {string[]} lines of digits
 * @param {import("./hand.js").Hand} hand
 * @param {string} name
 * @returns {Promise<File>} JPEG
 */
export async function photographed(lines, hand, name) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d");
  context.fillStyle = hand.oneOf(PAPERS);
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.translate(WIDTH / 2, HEIGHT / 2);
  context.rotate(hand.between(-0.03, 0.03)); // nobody holds a phone quite straight
  context.scale(WIDTH, WIDTH);
  rule(context, hand.between(0.028, 0.036));
  write(context, lines, hand);
  context.resetTransform();
  shade(context, hand);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  return new File([blob], `${name}.jpg`, { type: "image/jpeg" });
}

function rule(context, square) {
  context.strokeStyle = "#9fb4cf";
  context.lineWidth = 0.0012;
  context.beginPath();
  for (let at = -0.8; at < 0.8; at += square) {
    context.moveTo(at, -0.8);
    context.lineTo(at, 0.8);
    context.moveTo(-0.8, at);
    context.lineTo(0.8, at);
  }
  context.stroke();
}

function write(context, lines, hand) {
  const apart = 0.6 / lines.length;
  const height = Math.min(0.2, apart * 0.62);
  context.strokeStyle = hand.oneOf(PENS);
  context.lineCap = context.lineJoin = "round";
  lines.forEach((line, index) => {
    const y = (index - (lines.length - 1) / 2) * apart;
    for (const { width, points } of hand.write(line, { x: 0, y, height })) {
      context.lineWidth = width;
      context.stroke(smooth(points));
    }
  });
}

function shade(context, hand) {
  const [from, to] = hand.between(0, 1) < 0.5 ? [0, WIDTH] : [WIDTH, 0];
  const light = context.createLinearGradient(from, hand.between(0, HEIGHT), to, hand.between(0, HEIGHT));
  light.addColorStop(0, `rgb(20 18 10 / ${hand.between(0.02, 0.08)})`);
  light.addColorStop(1, `rgb(20 18 10 / ${hand.between(0.18, DARKEST)})`);
  context.fillStyle = light;
  context.fillRect(0, 0, WIDTH, HEIGHT);
}
