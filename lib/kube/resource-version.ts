/**
 * Whether version `a` of a resource's objects came after `b`. Servers promise since Kubernetes 1.35 (KEP-5504), and have always
 * kept, that versions are decimal integers which only grow; one that is not cannot be compared, and is taken for later.
 */
export function isLater(a: string, b: string): boolean {
  if (!decimal.test(a) || !decimal.test(b)) {
    return a !== b;
  }
  // Longer than what a number holds exactly; without leading zeros length decides first.
  return a.length === b.length ? a > b : a.length > b.length;
}

const decimal = /^(?:0|[1-9]\d*)$/u;
