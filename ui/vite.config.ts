import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

/** The policy of the real window (`tauri.conf.json`), so that a browser refuses what the window would refuse. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  base: './',
  server: { port: 5173, strictPort: true },
  preview: { headers: { 'Content-Security-Policy': policy } },
  build: {
    target: ['safari16.4', 'chrome111'],
    // The policy allows no data: addresses, so nothing is ever inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Read from the program itself, not over a network.
    chunkSizeWarningLimit: 800,
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/fixtures/setup.ts'],
    include: ['src/**/*.test.ts'],
    css: false,
    restoreMocks: true,
    testTimeout: 20_000,
    // One world for all files: preparing a document for each would take longer than the tests.
    isolate: false,
  },
});
