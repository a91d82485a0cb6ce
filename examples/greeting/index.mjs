import { words } from './words.mjs';

export default (request) => {
  const language = new URL(request.url).searchParams.get('language') ?? 'en';
  return new Response(`${words[language] ?? words.en}\n`);
};
