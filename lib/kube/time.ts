/** RFC 3339 in whole seconds, as Kubernetes writes moments. @param ms milliseconds since the Unix epoch */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/u, '');
}

/** RFC 3339 in microseconds, as Events and Leases have them. @param ms milliseconds since the Unix epoch */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
