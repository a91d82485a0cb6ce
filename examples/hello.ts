/** Answers `hello NAME` to `/?name=NAME`. */
export default (request: Request): Response => {
  const name: string = new URL(request.url).searchParams.get('name') ?? 'world';
  return new Response(`hello ${name}\n`);
};
