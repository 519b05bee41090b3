/** Short remarks that vanish by themselves: copied, saved, started. What must be read is never said here. */
interface Toast {
  id: number;
  text: string;
  tone: 'ok' | 'fail';
}

const SHOWN_MS = 3_500;

class Toasts {
  list = $state<Toast[]>([]);
  #next = 0;

  say(text: string, tone: Toast['tone'] = 'ok'): void {
    const id = (this.#next += 1);
    this.list = [...this.list.slice(-2), { id, text, tone }];
    setTimeout(() => (this.list = this.list.filter((toast) => toast.id !== id)), SHOWN_MS);
  }
}

export const toasts = new Toasts();
export const say = (text: string, tone?: Toast['tone']): void => toasts.say(text, tone);
