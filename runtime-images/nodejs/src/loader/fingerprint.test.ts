import { expect, it } from 'vitest';
import { findFingerprint } from './fingerprint.ts';

const cases: { name: string; files: Record<string, string>; want: string | undefined }[] = [
  { name: 'nothing', files: { 'index.mjs': '', 'package.json': '{"name":"a"}' }, want: undefined },
  { name: 'func.yaml', files: { 'func.yaml': '' }, want: 'knative' },
  {
    name: 'the runtime of func as a dependency',
    files: { 'package.json': '{"dependencies":{"faas-js-runtime":"2"}}' },
    want: 'knative',
  },
  {
    name: 'a stack of OpenFaaS',
    files: { 'stack.yml': 'version: 1.0\nprovider:\n  name: openfaas\n' },
    want: 'openfaas',
  },
  { name: 'a stack of something else', files: { 'stack.yml': 'services: {}\n' }, want: undefined },
  { name: 'a SAM template', files: { 'template.yaml': 'Type: AWS::Serverless::Function\n' }, want: 'lambda' },
  { name: 'a template without a function', files: { 'template.yaml': 'Type: AWS::S3::Bucket\n' }, want: undefined },
  { name: 'Serverless for AWS', files: { 'serverless.yml': 'service: a\nprovider:\n  name: aws\n' }, want: 'lambda' },
  { name: 'Serverless for AWS, in one line', files: { 'serverless.yml': 'provider: { name: aws }\n' }, want: 'lambda' },
  {
    name: 'Serverless for AWS, as JSON',
    files: { 'serverless.json': '{"provider": {"name": "aws"}}' },
    want: 'lambda',
  },
  { name: 'Serverless for another cloud', files: { 'serverless.yml': 'provider:\n  name: google\n' }, want: undefined },
  {
    name: 'the Functions Framework as a dependency',
    files: { 'package.json': '{"dependencies":{"@google-cloud/functions-framework":"^4"}}' },
    want: 'google-http',
  },
  { name: 'two of them', files: { 'package.json': '"faas-js-runtime":', 'func.yaml': '' }, want: 'knative' },
];

it.each(cases)('$name tells $want', ({ files, want }) => {
  const readText = (file: string): string => files[file] ?? '';
  expect(findFingerprint(Object.keys(files), readText)?.signature).toBe(want);
});

it('reads no file whose name says nothing', () => {
  const readText = (file: string): string => {
    throw new Error(`${file} was read`);
  };
  expect(findFingerprint(['index.mjs', 'func.yaml.bak', 'README.md', 'data.json'], readText)).toBeUndefined();
});
