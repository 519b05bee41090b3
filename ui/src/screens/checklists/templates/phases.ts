/** Phases of a template as they are being changed, and what would be refused of them. Pure. */
import type { PhaseDraft } from '../../../contract/PhaseDraft';
import { plain } from '../../../parts/status';
import type { Column } from '../../../parts/table/columns';

/** Longest soak: ninety days. */
export const SOAK_HOURS_MAX = 90 * 24;

const isShare = (text: string): boolean => /^\d{1,3}(\.\d{1,2})?$/.test(text.trim()) && Number(text) <= 100;

/** Why a phase cannot be kept. */
export function phaseFault(phase: PhaseDraft): string | null {
  const [share, tolerance] = [phase.exposure_pct.trim(), phase.tolerance_points.trim()];
  if (phase.name.trim() === '') return 'A phase has a name.';
  if (share !== '' && (!isShare(share) || Number(share) === 0))
    return 'The share of users is a number above 0, up to 100.';
  if (tolerance !== '' && !isShare(tolerance)) return 'The tolerance is a number from 0 to 100.';
  if (share === '' && tolerance !== '') return 'A tolerance is of a share of users, and there is none.';
  if (!(Number.isInteger(phase.soak_hours) && phase.soak_hours >= 0 && phase.soak_hours <= SOAK_HOURS_MAX))
    return `It soaks for 0 to ${SOAK_HOURS_MAX} hours.`;
  if (share !== '' && phase.signed_by.length === 0) return 'Users are let in, so somebody signs it.';
  return null;
}

/** Whom a phase is opened to: `10 % of users, within 2 points`. */
export function shareText({ exposure_pct, tolerance_points }: PhaseDraft): string {
  if (exposure_pct === '') return 'Nobody';
  const points = tolerance_points === '1' ? 'point' : 'points';
  const within = tolerance_points === '' ? 'exactly' : `within ${tolerance_points} ${points}`;
  return `${exposure_pct} % of users, ${within}`;
}

/** How long a phase soaks: `72 h`. */
export const soakText = ({ soak_hours }: PhaseDraft): string =>
  soak_hours === 0 ? 'No soak' : `${soak_hours} h`;

/** Who signs a phase. */
export const signersText = ({ signed_by }: PhaseDraft): string =>
  signed_by.length === 0 ? 'Nobody' : signed_by.map(plain).join(', ');

export const phaseColumns = (changed: ReadonlySet<number>): Column<PhaseDraft>[] => [
  {
    id: 'mark',
    title: 'Changed',
    text: (phase) => (changed.has(phase.number) ? 'Changed' : ''),
    min: 88,
    priority: 1,
  },
  { id: 'name', title: 'Phase', text: (phase) => phase.name, min: 200, grow: 3 },
  { id: 'share', title: 'Opened to', text: shareText, min: 200, grow: 2 },
  { id: 'soak', title: 'Soak', text: soakText, min: 88, align: 'end' },
  { id: 'signers', title: 'Signed by', text: signersText, min: 200, grow: 3, priority: 2 },
];

/** Numbers of phases that are other than they were. */
export const changedPhases = (phases: readonly PhaseDraft[], before: readonly PhaseDraft[]): Set<number> =>
  new Set(
    phases
      .filter((phase, at) => JSON.stringify(phase) !== JSON.stringify(before[at]))
      .map(({ number }) => number),
  );
