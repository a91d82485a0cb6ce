import type { Adapter } from '../adapter.ts';
import { readBody } from '../body.ts';
import { isHandler } from '../callback.ts';
import { withRefusals } from '../refusal.ts';
import { toExpressRequest } from '../express/request.ts';
import { toExpressResponse } from '../express/response.ts';

/** `(req, res)` of the Functions Framework: Express's, with the body read and parsed. */
export const googleHttpAdapter: Adapter = {
  signature: 'google-http',

  adapt: ({ value }) => {
    if (!isHandler(value)) {
      return undefined;
    }
    return {
      invoke: withRefusals(async ({ request, response }) => {
        const body = await readBody(request);
        await value(toExpressRequest(request, body), toExpressResponse(response));
      }),
    };
  },
};
