// Contestants in Node: fast-jwt with and without its cache, jose. What is said over the pipe is in
// bench/src/measure/child.rs.

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The packages are installed outside the source tree: BENCH_NODE names the folder.
const require = createRequire(pathToFileURL(`${process.env.BENCH_NODE}/package.json`));
const { createVerifier } = require('fast-jwt');
const { importJWK, jwtVerify } = await import(pathToFileURL(require.resolve('jose')));

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256'];
const [folder, issuer, audience] = process.argv.slice(2);
const contestants = [];
const say = (...words) => console.log(words.join('\t'));

// Takes part if it can do its work once.
async function add(algorithm, name, once) {
  try {
    const result = once();
    const asynchronous = result instanceof Promise;
    await result;
    say('can', algorithm, name);
    contestants.push({ once, asynchronous });
  } catch (error) {
    say('cannot', algorithm, name, String(error).replaceAll('\n', ' '));
  }
}

function fastJwt(algorithm, token, jwk, cache) {
  const key =
    jwk.kty === 'oct'
      ? Buffer.from(jwk.k, 'base64url')
      : createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const verify = createVerifier({
    key,
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    cache,
  });
  return () => verify(token);
}

const version = (name) => {
  const file = `${process.env.BENCH_NODE}/node_modules/${name}/package.json`;
  say('version', name, JSON.parse(readFileSync(file, 'utf8')).version);
};
say('version', 'Node', process.versions.node);
version('fast-jwt');
version('jose');
for (const algorithm of ALGORITHMS) {
  const token = readFileSync(`${folder}/${algorithm}.jwt`, 'utf8');
  const jwk = JSON.parse(readFileSync(`${folder}/${algorithm}.jwks.json`, 'utf8')).keys[0];
  await add(algorithm, 'fast-jwt', fastJwt(algorithm, token, jwk, false));
  await add(algorithm, 'fast-jwt, cached token', fastJwt(algorithm, token, jwk, true));
  const key = await importJWK(jwk, algorithm);
  const options = { algorithms: [algorithm], issuer, audience };
  await add(algorithm, 'jose', () => jwtVerify(token, key, options));
}
say('ready');

for await (const line of createInterface({ input: process.stdin })) {
  const [number, times] = line.split(' ').map(Number);
  const { once, asynchronous } = contestants[number];
  const start = process.hrtime.bigint();
  if (asynchronous) {
    for (let i = 0; i < times; i += 1) await once();
  } else {
    for (let i = 0; i < times; i += 1) once();
  }
  console.log(String(process.hrtime.bigint() - start));
}
