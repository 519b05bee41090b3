/** What the frame must know of a screen. */
import type { Component } from 'svelte';

export interface Screen {
  /** Its word, the first part of its routes. */
  word: string;
  title: string;
  icon: Component<{ size?: number; strokeWidth?: number }>;
  /** The letter after `g` that leads here. */
  key: string;
  /** Patterns of its routes. All are drawn by the one component, so that a list stays where it is. */
  patterns: string[];
  component: Component;
  /** Takes the whole window, without navigation. */
  isBare?: boolean;
  /** Works without an environment. */
  isGlobal?: boolean;
}
