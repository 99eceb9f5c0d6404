/** Notes on the loudspeaker, made by the browser itself. */

const NOTES_HZ = [523.25, 659.25, 783.99];
const CHIME_HZ = [783.99, 659.25];
const NOTE_SECONDS = 0.35;
const LOUDNESS = 0.25;
const CHIME_LOUDNESS = 0.08;

/** Three rising notes. Must be called from a click; resolves when the last note has faded. */
export function playNotes(): Promise<void> {
  return play(NOTES_HZ, LOUDNESS);
}

/** Two falling notes, soft enough for a room in which people speak. */
export function playChime(): Promise<void> {
  return play(CHIME_HZ, CHIME_LOUDNESS);
}

async function play(pitches: number[], loudness: number): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    const ends = pitches.map((pitch, position) => playNote(context, pitch, loudness, context.currentTime + position * NOTE_SECONDS));
    await Promise.all(ends);
  } finally {
    await context.close();
  }
}

function playNote(context: AudioContext, pitch: number, peak: number, begin: number): Promise<void> {
  const oscillator = new OscillatorNode(context, { frequency: pitch });
  const loudness = new GainNode(context, { gain: 0 });
  const end = begin + NOTE_SECONDS * 1.6;
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(peak, begin + 0.03);
  loudness.gain.linearRampToValueAtTime(0, end);
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(end);
  return new Promise((resolve) => oscillator.addEventListener("ended", () => resolve(), { once: true }));
}
