/** Every sentence that the page itself says, in one place, so that another language is another object like this one. */

export const TEXTS = {
  // who and when
  you: "You",
  admin: "Admin",
  youAre: (name) => `You are ${name}: write as somebody else`,
  invitation: "You are invited to a group",
  yourName: "Your name there",
  join: "Join",
  writeAs: "Write as",
  chats: "Chats",
  toChats: "All chats",
  people: (count) => (count === 1 ? "1 person" : `${count} people`),
  noMessages: "No messages yet",
  online: "online",
  connecting: "connecting…",
  today: "Today",
  yesterday: "Yesterday",
  edited: "edited",
  actions: {
    typing: "typing…",
    upload_photo: "sending a photo…",
    upload_document: "sending a file…",
    choose_sticker: "choosing a sticker…",
  },

  // the conversation
  messages: "Messages",
  welcome: (bot) => `Say hello to ${bot}`,
  welcomeDescription: "Draw a digit or send a photo of one, and see how it is read.",
  start: "Start",
  sendPhoto: "Send a photo",
  toEnd: "To the newest message",
  unread: (count) => `${count} new`,
  photoOf: (sender) => `Photo from ${sender}: open large`,
  photo: "Photo",
  album: (count) => `Album of ${count} pictures`,
  sticker: "Sticker",
  animatedSticker: "Animated sticker",
  voice: "Voice message",
  video: "Video",
  animation: "GIF",
  reactions: "Reactions:",
  joined: (names) => `${names} joined`,
  added: (by, names) => `${by} added ${names}`,
  left: (name) => `${name} left`,
  removed: (by, name) => `${by} removed ${name}`,
  madeSupergroup: "This group is a supergroup now",
  topic: (name) => `A new topic: ${name}`,
  unsupported: "This kind of message can't be shown here.",
  download: "Download",
  buttons: "Buttons",
  opensAddress: "opens another page",
  openFile: (name) => `Open ${name} large`,
  reply: "Reply",
  replyTo: (sender) => `Reply to ${sender}`,
  inReplyTo: "In reply to",
  sending: "Sending…",
  sent: "Sent",
  notSent: "Not sent.",
  retry: "Try again",
  discard: "Delete",

  // what the bot wants to be read
  ok: "OK",

  // writing
  message: "Message",
  send: "Send",
  attach: "Attach a photo or file",
  camera: "Camera",
  file: "File",
  commands: "Commands",
  cancelReply: "Cancel the reply",
  draw: "Draw a digit",
  drawKey: "Draw a digit (D)",
  drop: "Drop photos or files here",

  // the preview before sending
  sendPhotos: (count) => (count === 1 ? "Send a photo" : `Send ${count} photos`),
  sendFiles: (count) => (count === 1 ? "Send a file" : `Send ${count} files`),
  sendAs: "Send as",
  asPhoto: "As photo",
  asFile: "As file",
  caption: "Add a caption…",
  remove: (name) => `Remove ${name}`,

  // the pad
  paper: "Paper: draw with mouse, finger or pen, or press the keys 0 to 9",
  padHint: "One digit or several, as on paper. The keys 0 to 9 write, too.",
  undo: "Undo the last stroke",
  clear: "Clear the paper",
  penWidth: "Pen thickness",
  drawing: "drawing",

  // the viewer
  picture: "Picture",
  pictureOf: (index, count) => `${index} of ${count}`,
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  previous: "Previous picture",
  next: "Next picture",
  close: "Close",

  // the demo that plays by itself
  playDemo: "Play the two-minute demo",
  demo: "Demo",
  nextStep: "Next step (→)",
  stopDemo: "End the demo (Esc)",
  progress: "How far the demo is",
  script: {
    pause: "Pause (Space)",
    resume: "Go on (Space)",
    step: (index, count) => `${index} of ${count}`,
    draws: (name) => `${name} draws`,
    hello: "This bot reads handwritten digits. Say hello!",
    seven: "A seven, as somebody writes it",
    saw: "How did it see the seven?",
    several: "Several digits, on a photo of squared paper",
    none: "No digit here: it says so",
    doubt: "A hard one: is it a 1 or a 7?",
    correct: "It was wrong: correct it",
    meant: (read, meant) => `It read a ${read}, but it was a ${meant}: correct it`,
    tour: "How it reads, in five pictures: /demo tour",
    round: "In a group it is a game: it calls a digit…",
    people: "…and people draw it. The last one cheats.",
    sheet: "At the end all digits are on one sheet",
    end: "Now you: draw a digit, or send a photo",
    noAnswer: "The demo has ended: the bot didn't answer within a minute. Is it running?",
  },

  // what goes wrong
  unreachable: "The playground doesn't answer. Is it still running? Trying again…",
  notReached: "The playground couldn't be reached. Check that it is running, then try again.",
  serverFailed: (status) => `The playground failed (error ${status}): try again. Its log has the details.`,
  tooLarge: "This is too large to be sent: choose a smaller file, or fewer of them.",
  tooMuch: "That was too much at once: wait a moment, then try again.",
  restarted: "The playground was restarted, so this is a new chat.",
  notInGroup: (title) => `You are no longer in ${title}.`,
  unreadable: (name) => `${name} can't be shown as a picture, so it goes as a file.`,
};

/** Writes the texts that the HTML under `root` names: `data-text`, `data-label` (name, tooltip), `data-placeholder`. */
export function fillTexts(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = TEXTS[node.dataset.text];
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = TEXTS[node.dataset.placeholder];
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", TEXTS[node.dataset.label]);
    if (node.matches("button, a")) node.title = TEXTS[node.dataset.label];
  }
}
