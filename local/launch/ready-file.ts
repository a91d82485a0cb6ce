/** What `npm start -- --ready-file FILE` writes once everything is ready, for scripts. */
export interface ReadyFile {
  readonly kubeconfig: string;
  /** Where functions answer, as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiUrl: string;
  readonly activatorAdminUrl: string;
  readonly operatorAdminUrl: string;
  readonly domains: readonly string[];
  /** Process ids. */
  readonly processes: { readonly operator: number; readonly activator: number };
}
