import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Ways to turn text into markup or code. The window shows remote text only as text. */
const sinks = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'srcdoc', 'createContextualFragment'];
const syntax = [
  ...sinks.map((name) => ({
    selector: `MemberExpression[property.name='${name}']`,
    message: `${name} turns text into markup.`,
  })),
  {
    selector: "CallExpression[callee.object.name='document'][callee.property.name='write']",
    message: 'No document.write.',
  },
  { selector: "NewExpression[callee.name='Function']", message: 'No code from text.' },
  { selector: 'SvelteMustacheTag[kind="raw"]', message: 'No raw markup.' },
  {
    selector: "SvelteAttribute[key.name='style']",
    message: 'Use style:property directives; the policy refuses style attributes.',
  },
  { selector: "SvelteAttribute[key.name='srcdoc']", message: 'No nested documents.' },
];

/** Which floor may import which: screens -> parts -> tokens, and only `ipc` knows Tauri. */
const tauri = { group: ['@tauri-apps/*'], message: 'Only ipc/ talks to Tauri.' };
const fixtures = { group: ['**/fixtures/**'], message: 'Fixtures are reached through ipc/transport only.' };
const imports = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: [tauri, fixtures, ...patterns] }],
});

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/contract'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-restricted-syntax': ['error', ...syntax],
      'no-restricted-globals': [
        'error',
        'localStorage',
        'sessionStorage',
        'indexedDB',
        'fetch',
        'XMLHttpRequest',
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-target-blank': 'error',
      'svelte/button-has-type': 'error',
      // Routes are text that Rust may name too; the router resolves them, not SvelteKit.
      'svelte/no-navigation-without-resolve': 'off',
      'max-lines': ['error', { max: 500, skipBlankLines: true }],
      ...imports(),
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  { files: ['**/*.svelte'], rules: { 'max-lines': ['error', { max: 200, skipBlankLines: true }] } },
  {
    files: ['src/parts/**', 'src/tokens/**'],
    rules: imports({
      group: ['**/ipc/**', '**/screens/**', '**/frame/**'],
      message: 'Parts are dumb: values come in as props.',
    }),
  },
  {
    files: ['src/screens/**'],
    rules: imports({
      group: ['**/frame/**', '../../screens/**', '../!(*.*)/Screen.svelte'],
      message: 'A screen imports parts, ipc, contract and tokens.',
    }),
  },
  { files: ['src/ipc/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['**/*.test.ts', 'src/fixtures/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [tauri] }] },
  },
);
