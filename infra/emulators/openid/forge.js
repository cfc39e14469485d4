// Makes an ID token say what the provider would not have said, as an attacker or a broken provider might.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';

import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT, UnsecuredJWT } from 'jose';

// forge changes an ID token that the provider has issued, and signs it again. A misdeed has any of:
//
//	claims   replaced; null leaves a claim out
//	shift    seconds to add to iat and exp
//	alg      "none", "HS256" (with the client's secret), "HS256-public" (with the provider's public key as the secret,
//	         which is known to all), or another of the provider's own; if left out, the one it had
//	key      "foreign": signed with a key that the provider does not have, under the name of one that it has
//	kid      another name of the key; "" leaves the name out
//	omit     true: the answer has no ID token at all
export async function forge(token, misdeed, keys, secret) {
  if (misdeed.omit) {
    return null;
  }
  const claims = changed(decodeJwt(token), misdeed);
  const header = decodeProtectedHeader(token);
  const alg = misdeed.alg ?? header.alg;
  if (alg === 'none') {
    return new UnsecuredJWT(claims).encode();
  }
  const own = keys.find(({ kty }) => kty === keyType(alg));
  const kid = (misdeed.kid ?? own.kid) || undefined;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: alg.replace('-public', ''), kid })
    .sign(await signer(alg, own, misdeed, secret));
}

function changed(claims, { claims: replaced = {}, shift = 0 }) {
  const moved = { ...claims, iat: claims.iat + shift, exp: claims.exp + shift, ...replaced };
  return Object.fromEntries(Object.entries(moved).filter(([, value]) => value !== null));
}

function keyType(alg) {
  return { ES256: 'EC', EdDSA: 'OKP' }[alg] ?? 'RSA';
}

async function signer(alg, own, { key }, secret) {
  if (alg === 'HS256') {
    return new TextEncoder().encode(secret);
  }
  if (alg === 'HS256-public') {
    return new TextEncoder().encode(createPublicKey({ key: own, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
  }
  return importJWK(key === 'foreign' ? foreign(own) : own, alg);
}

// foreign is a fresh key of the same type.
function foreign({ kty }) {
  const types = {
    RSA: ['rsa', { modulusLength: 2048 }], EC: ['ec', { namedCurve: 'P-256' }], OKP: ['ed25519'],
  };
  return generateKeyPairSync(...types[kty]).privateKey.export({ format: 'jwk' });
}
