import { get } from 'node:http';

/** Whether a server answers a GET, with whatever status, before half a second is over. Each on a connection of its own. */
export function answers({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get({ host, port, agent: false, timeout: 500 }, (response) => {
    response.resume();
    resolve(true);
  });
  request.once('timeout', () => request.destroy(new Error('no answer')));
  request.once('error', () => {
    resolve(false);
  });
  return promise;
}
