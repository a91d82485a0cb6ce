import { runComponent } from '../lib/component.ts';
import { makeActivator } from './app.ts';
import { loadConfig } from './config.ts';

await runComponent({ name: 'activator', loadConfig, make: makeActivator }, process);
