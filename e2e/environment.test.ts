import { expect, it } from 'vitest';
import { functionManifest } from './framework/manifest.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const code = 'export default (_, { env }) => Response.json({ plain: env.PLAIN, secret: env.SECRET, all: env.color });';
const objects = `
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {token: s3cret}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: blue}
`;

it('a function sees values, Secrets and ConfigMaps', async () => {
  await story.kubectl.apply(objects);
  await story.kubectl.apply(
    functionManifest('seeing', code, {
      env: [
        { name: 'PLAIN', value: 'yes' },
        { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      ],
      envFrom: [{ configMapRef: { name: 'settings' } }],
    }),
  );
  await story.untilReady('seeing');
  expect(JSON.parse((await story.request('seeing')).text)).toEqual({ plain: 'yes', secret: 's3cret', all: 'blue' });
});

/** A kubelet tries again what it could not start after a minute or more. */
const options = { timeout: 300_000 };

it('a Secret that is not there is named, and its arrival repairs the function, without an apply', options, async () => {
  const env = [{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 'late', key: 'token' } } }];
  await story.kubectl.apply(functionManifest('waiting', code, { env }));
  await story.untilReason('waiting', 'SecretNotFound', 'late');
  await story.kubectl.apply('{apiVersion: v1, kind: Secret, metadata: {name: late}, stringData: {token: t}}');
  await story.untilReady('waiting', { withinMs: 180_000 });
  await story.untilAnswers('waiting', JSON.stringify({ secret: 't' }));
});
