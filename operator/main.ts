import { runComponent } from '../lib/component.ts';
import { makeOperator } from './app.ts';
import { loadConfig } from './config.ts';

await runComponent({ name: 'operator', loadConfig, make: makeOperator }, process);
