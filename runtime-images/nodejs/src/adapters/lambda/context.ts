import type { Context } from '../../invocation.ts';

/** What a handler is told beside its event. Names and the function's limits are read from the variables that Lambda sets. */
export interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Only the AWS SDK's own invocations have them. */
  readonly identity: undefined;
  readonly clientContext: undefined;
  getRemainingTimeInMillis(): number;
}

/** `timeouts.request` of a Function that does not say. */
const defaultTimeoutSeconds = 300;

type Facts = Pick<Context, 'env' | 'functionName' | 'revision' | 'requestId'>;

/** @param now milliseconds of a clock that only goes forward */
export function makeLambdaContext(context: Facts, now: () => number): LambdaContext {
  const { env, functionName, revision, requestId } = context;
  const name = env['AWS_LAMBDA_FUNCTION_NAME'] ?? functionName;
  const region = env['AWS_REGION'] ?? 'us-east-1';
  const deadline = now() + Number(env['AWS_LAMBDA_FUNCTION_TIMEOUT'] ?? defaultTimeoutSeconds) * 1000;
  return {
    // Setting it is harmless: an answer waits for nothing here.
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${name}`,
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? '128',
    awsRequestId: requestId,
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'] ?? `/aws/lambda/${name}`,
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? revision,
    identity: undefined,
    clientContext: undefined,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - now())),
  };
}
