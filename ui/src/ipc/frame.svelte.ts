/** The frame's answer, shared by everything under it: which environment is shown, who works here, what is running. */
import { createContext } from 'svelte';
import type { EnvironmentBrief } from '../contract/EnvironmentBrief';
import type { Frame } from '../contract/Frame';
import type { JobView } from '../contract/JobView';
import type { OperatorBrief } from '../contract/OperatorBrief';

const [get, set] = createContext<() => Frame>();

export const provideFrame = set;

export interface FrameView {
  readonly all: Frame;
  /** Id of the chosen environment; empty before the first exists. */
  readonly environment: string;
  readonly brief: EnvironmentBrief | null;
  /** Id of who works here; empty before there is somebody. */
  readonly operator: string;
  readonly person: OperatorBrief | null;
  /** Work that goes on in this environment. */
  readonly running: JobView[];
}

export const isRunning = (job: JobView): boolean =>
  job.state.word === 'running' || job.state.word === 'stopping';

/** What of the frame concerns the screen that is shown. */
export function useFrame(): FrameView {
  const frame = get();
  return {
    get all() {
      return frame();
    },
    get environment() {
      return frame().environment ?? '';
    },
    get brief() {
      return frame().environments.find((one) => one.id === frame().environment) ?? null;
    },
    get operator() {
      return frame().operator ?? '';
    },
    get person() {
      return frame().operators.find((one) => one.id === frame().operator) ?? null;
    },
    get running() {
      const here = frame().environment;
      return frame().jobs.filter(
        (job) => isRunning(job) && (job.environment === null || job.environment === here),
      );
    },
  };
}
