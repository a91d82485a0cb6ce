import { rm } from 'node:fs/promises';
import { eventually } from '../framework/patience.ts';
import { removeCgroups } from './cgroups.ts';
import { bedFolders } from './folders.ts';
import { markedProcesses, removeBridge } from './namespaces.ts';

/** Ends whatever is there of a bed, however it was left: processes, interfaces, cgroups, files. The built programs stay. */
export async function down(cache: string): Promise<void> {
  for (const pid of await markedProcesses()) {
    kill(pid);
  }
  await eventually('all processes have ended', async () => ((await markedProcesses()).length === 0 ? true : undefined));
  await removeBridge();
  await eventually('no cgroup is left', async () => ((await removeCgroups()) ? true : undefined));
  await rm(bedFolders(cache).root, { recursive: true, force: true });
}

/** With the first process of a namespace the kernel ends all others in it. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went with another one.
  }
}
