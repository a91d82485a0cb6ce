import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

/** Resident memory in MB (10⁶ bytes), as the kernel counts it. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+([0-9]+) kB$/mu.exec(status)?.[1];
  return (Number(kibibytes) * 1024) / 1e6;
}

/** From spawn to exit of a Node that does nothing: what every process here pays before its own first line. */
export async function timeBareNode(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - startedAt;
}

/** Resident memory of that Node, in MB. */
export async function bareNodeMemoryMb(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', 'console.log(); setTimeout(() => undefined, 60_000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(child.stdout, 'data');
    return await residentMb(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}
