/** What the demo shows, in about two minutes: alone with the bot, then a round in the class where the page has one. */

import { hasButton } from "./stage.js";
import { TEXTS } from "./texts.js";

const TEXT = TEXTS.script;
const [SAW, WRONG, LABEL, AGREE, MINE] = ["v1:saw", "v1:wrong", "v1:label", "v1:agree", "show:mine"];
const [GLANCE, READ, LOOK] = [1600, 4000, 6000]; // ms to see what happens, to read a line or two, to look at a picture
const TOUR = 5; // messages

/**
 * The steps, and what puts everything back.
 * @param {import("./stage.js").Stage} stage
 */
export function story(stage) {
  const seen = {}; // what later steps come back to; `call` while a round is played
  const alone = [
    [TEXT.hello, hello],
    [TEXT.seven, seven],
    [TEXT.saw, whatItSaw],
    [TEXT.several, several],
    [TEXT.none, none],
    [TEXT.doubt, doubt],
    [TEXT.correct, correct],
    [TEXT.tour, tour],
  ];
  const together = [
    [TEXT.round, round],
    [TEXT.people, everybodyDraws],
    [TEXT.sheet, sheet],
  ];
  const all = [...alone, ...(stage.people.length ? together : []), [TEXT.end, () => stage.rest(READ)]];
  return {
    steps: all.map(([caption, play]) => ({ caption, play: () => play(stage, seen) })),
    tidy: () => stage.leave(seen.call && "/stop"),
  };
}

async function hello(stage) {
  stage.openPrivate();
  await stage.rest(GLANCE);
  await stage.next(await stage.say("/start"));
  await stage.rest(READ);
}

async function seven(stage, seen) {
  seen.seven = await stage.draw("7");
  seen.answer = await stage.answerTo(seen.seven);
  await stage.rest(READ);
}

async function whatItSaw(stage, { answer }) {
  if (await stage.press(answer, SAW)) await stage.next(answer, ({ photo }) => photo);
  await stage.rest(LOOK);
}

async function several(stage) {
  await stage.answerTo(await stage.photograph("420", "173"));
  await stage.rest(LOOK);
}

async function none(stage) {
  await stage.answerTo(await stage.draw("flower"));
  await stage.rest(READ);
}

async function doubt(stage, seen) {
  seen.doubt = await stage.answerTo(await stage.draw("doubt"));
  await stage.rest(READ);
}

/** Whichever of the two it read, it was meant as the other; the first correction asks whether it may be kept. */
async function correct(stage, { doubt: answer }) {
  const [read] = answer.text;
  const meant = read === "1" ? 7 : 1;
  if (!(await stage.press(answer, WRONG))) return;
  stage.caption(TEXT.meant(read, meant));
  await stage.press(await stage.changed(answer, (now) => hasButton(now, LABEL)), `${LABEL}${meant}:`);
  const told = await stage.changed(answer, (now) => hasButton(now, AGREE) || isThanks(now));
  if (hasButton(told, AGREE)) {
    await stage.rest(READ);
    await stage.press(told, AGREE);
    await stage.changed(answer, isThanks);
  }
  await stage.rest(READ);
}

async function tour(stage, seen) {
  let last = await stage.say("/demo tour", seen.seven);
  for (let step = 0; step < TOUR; step++) {
    last = await stage.next(last, ({ photo }) => photo);
    await stage.show(last);
    await stage.rest(LOOK);
  }
}

async function round(stage, seen) {
  await stage.openGroup();
  await stage.rest(GLANCE);
  const command = await stage.say("/demo read");
  const isReply = (message) => message.reply_to_message?.message_id === command.message_id;
  seen.call = command; // who stops here ends the round, too
  seen.call = await stage.next(command, (message) => isReply(message) || calledIn(message));
  if (isReply(seen.call)) {
    const { text } = seen.call; // that a round is played already
    delete seen.call;
    throw new Error(text);
  }
  await stage.rest(READ);
}

/** The last one draws something else, which the bot sees. */
async function everybodyDraws(stage, { call }) {
  const called = calledIn(call);
  const other = called === "7" ? "4" : "7";
  const { people } = stage;
  for (const person of people) {
    const sent = await stage.draw(person === people.at(-1) ? other : called, person, call);
    await stage.changed(sent, ({ reactions }) => reactions?.length);
  }
  await stage.next(call, ({ text }) => text?.includes("📊"));
  await stage.rest(READ);
}

async function sheet(stage, seen) {
  const command = await stage.say("/stop");
  delete seen.call;
  await stage.next(command, (message) => hasButton(message, MINE));
  await stage.rest(LOOK);
}

/** Whether what was said of an answer is kept: it can be said anew. */
function isThanks(answer) {
  return hasButton(answer, WRONG);
}

/** The digit that a message calls, in bold. */
function calledIn({ text = "", entities = [] }) {
  const bold = entities.find(({ type }) => type === "bold");
  const word = bold ? text.slice(bold.offset, bold.offset + bold.length) : "";
  return /^\d$/.test(word) ? word : null;
}
