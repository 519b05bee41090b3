/** The present moment for everything on screen that tells an age. One timer for all; the start of it comes from outside. */
const TICK_MS = 15_000;

class Clock {
  now = $state(0);
  zone = $state('UTC');
  #read: () => number = () => 0;

  /** Begins to tick. Returns what stops it. */
  start(read: () => number): () => void {
    this.#read = read;
    this.now = read();
    const timer = setInterval(() => (this.now = read()), TICK_MS);
    return () => clearInterval(timer);
  }

  /** The exact present moment, not reactive. */
  exact(): number {
    return this.#read();
  }
}

export const clock = new Clock();
