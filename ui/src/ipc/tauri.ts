/** The window's end of the wire. Each line of the contract is one Tauri command of the same name. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Transport } from './transport';

export const tauri: Transport = {
  call: (command, args) => invoke(command, args),
  listen: (event, heard) => listen(event, (message) => heard(message.payload as never)),
  now: () => Date.now(),
};
