export const words = { en: 'hello', de: 'hallo', fr: 'bonjour' };
