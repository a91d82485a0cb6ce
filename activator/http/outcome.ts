import type { FunctionRoute } from '../routing/route.ts';

/** nginx's number for a client that left before there was an answer; it is never sent. */
const clientClosedRequest = 499;

/** What is counted of an exchange that is over. */
export interface EndedExchange {
  readonly response: { readonly headersSent: boolean; readonly statusCode: number };
  readonly isUpgraded: boolean;
  readonly route: FunctionRoute | undefined;
  readonly phases: Readonly<Record<string, number>> | undefined;
}

/** The status of an exchange that is over, for logs and metrics. */
export function finalStatus({ response, isUpgraded }: Pick<EndedExchange, 'response' | 'isUpgraded'>): number {
  return response.headersSent || isUpgraded ? response.statusCode : clientClosedRequest;
}
