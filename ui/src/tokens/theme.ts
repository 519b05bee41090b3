/**
 * Puts the chosen theme on the root element.
 * Values live in roles.css; here is only the decision which of them apply.
 */
import type { Preferences } from '../contract/Preferences';

export interface Look {
  theme: 'light' | 'dark';
  contrast: 'normal' | 'more';
}

/** Decides the look from what the person chose and what the system says. */
export function lookOf(
  theme: Preferences['theme'],
  system: { isDark: boolean; wantsContrast: boolean },
): Look {
  const isDark = theme === 'dark' || (theme !== 'light' && system.isDark);
  return {
    theme: isDark ? 'dark' : 'light',
    contrast: theme === 'contrast' || system.wantsContrast ? 'more' : 'normal',
  };
}

/** Applies the preferences and follows the system until the returned function is called. */
export function applyTheme(preferences: Pick<Preferences, 'theme' | 'density'>): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = matchMedia('(prefers-contrast: more)');
  const apply = () => {
    const look = lookOf(preferences.theme, { isDark: dark.matches, wantsContrast: contrast.matches });
    const root = document.documentElement.dataset;
    root.theme = look.theme;
    root.contrast = look.contrast;
    root.density = preferences.density;
  };
  apply();
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
  return () => {
    dark.removeEventListener('change', apply);
    contrast.removeEventListener('change', apply);
  };
}
