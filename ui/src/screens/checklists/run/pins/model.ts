/** What is said of the connections a run pinned. */
import type { Fingerprint } from '../../../../contract/Fingerprint';
import type { RunPage } from '../../../../contract/RunPage';
import { plain } from '../../../../parts/status';

const SENTENCES: Record<Fingerprint['state'], string> = {
  pinned: '',
  changed: 'is another than the pinned one: what rests on it is stale until it is pinned and checked again.',
  gone: 'is pinned and not connected any more: what rests on it is stale.',
  not_pinned: 'was connected later and is not pinned yet.',
};

/** What became of the sources that are not as they were pinned, a sentence each; empty once the run is over. */
export const pinText = ({ fingerprints, brief }: Pick<RunPage, 'fingerprints' | 'brief'>): string =>
  brief.is_over
    ? ''
    : fingerprints
        .filter(({ state }) => state !== 'pinned')
        .map(({ source, state }) => `${plain(source)} ${SENTENCES[state]}`)
        .join(' ');

/** The word beside a fingerprint; empty for one that is as it was pinned. */
export const pinWord = ({ state }: Fingerprint): string =>
  state === 'pinned' ? '' : state.replace('_', ' ');
