const handle = async (context, body) => {
  context.log.info({ method: context.method }, 'greeting');
  const name = context.query.name ?? body?.name ?? 'world';
  return { headers: { 'content-type': 'text/plain' }, body: `hello ${name} from func\n` };
};

module.exports = { handle };
