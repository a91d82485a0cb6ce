'use strict';

module.exports = async (event, context) => {
  const name = event.query.name ?? event.body.name ?? 'world';
  return context.status(200).headers({ 'Content-Type': 'text/plain' }).succeed(`hello ${name} from OpenFaaS\n`);
};
