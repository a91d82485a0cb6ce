export const handler = async (event, context) => {
  const { name = 'world' } = event.queryStringParameters ?? {};
  console.log('invoked', context.awsRequestId);
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'text/plain' },
    cookies: [`name=${name}`],
    body: `hello ${name} from Lambda\n`,
  };
};
