/** Three rising notes on the loudspeaker, made by the browser itself. */

const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_SECONDS = 0.35;
const LOUDNESS = 0.25;

/** Must be called from a click; resolves when the last note has faded. */
export async function playNotes(): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    const ends = NOTES_HZ.map((pitch, position) => playNote(context, pitch, context.currentTime + position * NOTE_SECONDS));
    await Promise.all(ends);
  } finally {
    await context.close();
  }
}

function playNote(context: AudioContext, pitch: number, begin: number): Promise<void> {
  const oscillator = new OscillatorNode(context, { frequency: pitch });
  const loudness = new GainNode(context, { gain: 0 });
  const end = begin + NOTE_SECONDS * 1.6;
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.03);
  loudness.gain.linearRampToValueAtTime(0, end);
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(end);
  return new Promise((resolve) => oscillator.addEventListener("ended", () => resolve(), { once: true }));
}
