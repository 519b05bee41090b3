/** The freshness loop: the program says which topics changed, and what is on screen and made of them is asked again. */
import type { QueryClient } from '@tanstack/svelte-query';
import { reads } from '../contract/list';
import type { Topic } from '../contract/Topic';
import type { AskName } from './ask';
import { transport } from './transport';

/** Whether an answer to `name` is made of one of the topics. */
export function isTouched(name: string, topics: readonly Topic[]): boolean {
  return (reads[name as AskName] ?? []).some((topic) => topics.includes(topic));
}

export function followChanges(client: QueryClient): Promise<() => void> {
  return transport().listen('changed', (topics) => {
    void client.invalidateQueries({ predicate: ({ queryKey }) => isTouched(String(queryKey[0]), topics) });
  });
}
