import { readdir, readFile } from 'node:fs/promises';

/** SIGKILL to what runs in a Pod; containers of the bed and of the embedded node are processes of this machine. @throws Error when there is none */
export async function killPodProcess(pod: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(`HOSTNAME=${pod}`)) {
      process.kill(Number(pid), 'SIGKILL');
      return;
    }
  }
  throw new Error(`no process has the host name ${pod}`);
}
