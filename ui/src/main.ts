/** The beginning: chooses the end of the wire, then mounts the page. */
import { mount } from 'svelte';
import App from './App.svelte';
import { tauri } from './ipc/tauri';
import { connect, isInWindow } from './ipc/transport';
import { reportFaults } from './ipc/window';
import './tokens/base.css';

async function start(): Promise<void> {
  // Inside the window nothing else than the program answers, whatever the address says.
  if (isInWindow()) connect(tauri);
  else connect((await import('./fixtures/transport')).fixtures(new URLSearchParams(location.search)));
  reportFaults();
  const target = document.getElementById('app');
  if (target) mount(App, { target });
}

void start();
