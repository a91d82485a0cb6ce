/** RFC 3339 in whole seconds, as Kubernetes writes moments. @param ms milliseconds since the Unix epoch */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/u, '');
}
