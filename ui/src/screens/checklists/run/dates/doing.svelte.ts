/** A date that is about to be done: what was shown for it, and what the person answers. */
import type { Asked } from '../../../../contract/Asked';
import type { DateView } from '../../../../contract/DateView';
import type { Disposition } from '../../../../contract/Disposition';
import type { DoOccurrence } from '../../../../contract/DoOccurrence';
import type { FailedPayment } from '../../../../contract/FailedPayment';
import type { Snapshot } from '../../../../contract/Snapshot';

/** What can be done about a payment that failed, in the order in which it is offered. */
export const DISPOSITIONS: { value: Disposition; label: string }[] = [
  { value: 'retrying', label: 'Retrying' },
  { value: 'contacted', label: 'Contacted' },
  { value: 'waiting_for_customer', label: 'Waiting for the customer' },
  { value: 'written_off', label: 'Written off' },
  { value: 'ignored', label: 'Ignored' },
];

export class Doing {
  /** Digest of what is shown; empty where there is nothing to show, `null` until it is known. */
  shown = $state<string | null>(null);
  /** Whether what the line asks could not be measured. */
  isFailed = $state(false);
  asks = $state.raw<Asked[]>([]);
  payments = $state.raw<FailedPayment[]>([]);
  said = $state<Record<string, string>>({});
  chosen = $state<Record<string, string>>({});

  constructor(readonly date: DateView) {}

  /** Takes what was measured; what was chosen for a payment stays, else it begins with what was done before. */
  take(answer: Snapshot) {
    this.shown = answer.sha256;
    this.asks = answer.asks;
    this.payments = answer.failed?.payments ?? [];
    this.chosen = Object.fromEntries(
      this.payments.map(({ record, before }) => [record, this.chosen[record] || (before ?? '')]),
    );
  }

  /** What is still to be answered; `null` when the date can be done. */
  readonly fault = $derived.by(() => {
    if (this.isFailed) return 'What the line asks could not be measured; try again.';
    if (this.shown === null) return 'What the line asks is still being measured.';
    const open = this.payments.filter(({ record }) => !this.chosen[record]).length;
    if (open > 0) return `Say what is done about each payment; ${open} to go.`;
    const missing = this.asks.find((one) => one.is_required && !this.said[one.question]?.trim());
    return missing ? `${missing.name} is missing.` : null;
  });

  get answer(): Pick<DoOccurrence, 'shown' | 'said' | 'dispositions'> {
    return {
      shown: this.shown ?? '',
      said: this.asks.map(({ question }) => ({ question, text: this.said[question]?.trim() ?? '' })),
      dispositions: this.payments.map(({ record }) => ({
        record,
        disposition: this.chosen[record] as Disposition,
      })),
    };
  }
}
