import { ConfigError } from '../../lib/errors.ts';

export interface Surroundings {
  /** kubectl's own. */
  readonly args: readonly string[];
  /** `KUBECONFIG`, if it is set. */
  readonly set: string | undefined;
  /** Of `npm start`, if it has run. */
  readonly own: string | undefined;
  /** Of `npm run dev`, if it runs. */
  readonly dev: string | undefined;
}

export interface ClusterChoice {
  /** For `KUBECONFIG`; undefined where kubectl finds it by its own arguments. */
  readonly kubeconfig: string | undefined;
  /** For those who may have meant the other cluster. */
  readonly notice?: string;
}

/**
 * The cluster to talk to: that of the arguments, of `KUBECONFIG`, of `npm start`, in this order, as kubectl's users are used to.
 *
 * @throws ConfigError when there is none; kubectl would take ~/.kube/config then, some other cluster
 */
export function chooseCluster({ args, set, own, dev }: Surroundings): ClusterChoice {
  if (args.some((arg) => arg.startsWith('--kubeconfig'))) {
    return { kubeconfig: undefined };
  }
  if (set !== undefined && set !== '') {
    return own === undefined || own === set
      ? { kubeconfig: set }
      : { kubeconfig: set, notice: `KUBECONFIG is set: this is about the cluster of ${set}, not of ${own}` };
  }
  if (own === undefined) {
    throw new ConfigError([
      'there is no .flint/kubeconfig yet: run npm start, or set KUBECONFIG',
      ...(dev === undefined ? [] : [nameDev(dev)]),
    ]);
  }
  return { kubeconfig: own };
}

/** What kubectl cannot know when the cluster of `npm start` does not answer. @param dev as in {@link Surroundings} */
export function explainSilence(dev: string | undefined): string {
  const lines = [
    'npm start is not running: its cluster does not answer.',
    ...(dev === undefined ? [] : [nameDev(dev)]),
  ];
  return lines.join('\n');
}

function nameDev(kubeconfig: string): string {
  return `The cluster of npm run dev is another one: npm run -s kubectl -- --kubeconfig ${kubeconfig} …`;
}
