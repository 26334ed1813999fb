// How an app opens a sealed push: HPKE (RFC 9180, base mode) with nothing but
// WebCrypto. Run by node it opens the vector beside it and compares, which is a
// step of `make spec`; a service worker takes `open` as it is.
//
// On iOS 17 CryptoKit does the same (HPKE.Recipient with a Ciphersuite of
// Curve25519_HKDF_SHA256, HKDF_SHA256, AES_GCM_128), on Android Tink
// (DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_128_GCM, prefix RAW: enc ‖ sealed).

const { subtle } = globalThis.crypto;
const text = (s) => new TextEncoder().encode(s);
const bytes = (b64url) => Uint8Array.from(atob(b64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const join = (...parts) => Uint8Array.from(parts.flatMap((p) => [...p]));

const KEM = join(text('KEM'), [0x00, 0x20]); // DHKEM(X25519, HKDF-SHA256)
const HPKE = join(text('HPKE'), [0x00, 0x20, 0x00, 0x01, 0x00, 0x01]); // with HKDF-SHA256 and AES-128-GCM

async function hmac(key, data) {
  const k = await subtle.importKey('raw', key.length ? key : new Uint8Array(32), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', k, data));
}
const extract = (suite, salt, label, ikm) => hmac(salt, join(text('HPKE-v1'), suite, text(label), ikm));
async function expand(suite, prk, label, info, length) { // length is at most one hash
  const out = await hmac(prk, join([length >> 8, length & 255], text('HPKE-v1'), suite, text(label), info, [1]));
  return out.slice(0, length);
}

// open returns the data of a sealed push. publicKey is the app's own `sealKey`,
// privateKey its other half, both in base64url.
export async function open(data, publicKey, privateKey) {
  const enc = bytes(data.enc), own = bytes(publicKey);
  const mine = await subtle.importKey('jwk', { kty: 'OKP', crv: 'X25519', x: publicKey, d: privateKey }, { name: 'X25519' }, false, ['deriveBits']);
  const theirs = await subtle.importKey('raw', enc, { name: 'X25519' }, false, []);
  const dh = new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: theirs }, mine, 256));

  const none = new Uint8Array(), info = text('plenary/push/v1');
  const shared = await expand(KEM, await extract(KEM, none, 'eae_prk', dh), 'shared_secret', join(enc, own), 32);
  const context = join([0], await extract(HPKE, none, 'psk_id_hash', none), await extract(HPKE, none, 'info_hash', info));
  const secret = await extract(HPKE, shared, 'secret', none);
  const key = await subtle.importKey('raw', await expand(HPKE, secret, 'key', context, 16), 'AES-GCM', false, ['decrypt']);
  const iv = await expand(HPKE, secret, 'base_nonce', context, 12);

  const plain = await subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes(data.sealed));
  return JSON.parse(new TextDecoder().decode(plain)); // the spaces at the end are nothing to JSON
}

if (globalThis.process?.argv[1]?.endsWith('open.mjs')) {
  const { readFile } = await import('node:fs/promises');
  const read = async (name) => JSON.parse(await readFile(new URL(name, import.meta.url)));
  const [who, data, want] = await Promise.all(['recipient.json', 'data.json', 'opened.json'].map(read));
  const got = await open(data, who.publicKey, who.privateKey);
  const sorted = (o) => JSON.stringify(Object.entries(o).sort());
  if (sorted(got) !== sorted(want)) {
    console.error('the sealed push opens to', got);
    process.exit(1);
  }
}
